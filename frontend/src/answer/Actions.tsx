import { useMutation } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useSigned } from "../app/context";
import { answers, type Format, type SignOff } from "../client/answers";
import { Problem } from "../client/problem";
import type { Answer } from "../client/types";
import { words } from "../strings";
import { ActionMenu } from "../ui/Menu";
import { ProblemNotice } from "../ui/ProblemNotice";
import { save } from "../ui/save";
import { answerMarkdown, answerText, toClipboard } from "./copying";
import { printOne } from "./printing";

const Why = lazy(() => import("./WhyDrawer"));
const FeedbackPanel = lazy(() => import("./FeedbackPanel"));
const SignOffPanel = lazy(() => import("./SignOffPanel"));

const told = words.answers.actions;
type Panel = "feedback" | "sign-off" | null;

interface Props {
  question: string;
  answer: Answer;
  heading: "h3" | "h4" | "h5";
  partTitles: string[];
  /** What the question was narrowed to, in a line. */
  narrowed: string;
  onSigned?: ((signed: SignOff[]) => void) | undefined;
}

/** What can be done with an answer: a line of buttons, and below it what one of them has opened. */
export function Actions({ question, answer, heading, partTitles, narrowed, onSigned }: Props) {
  const [panel, setPanel] = useState<Panel>(onSigned === undefined ? null : "sign-off");
  const [why, setWhy] = useState(false);
  const [said, setSaid] = useState("");
  const exported = useExport(answer.audit_id, setSaid);
  const references = new Set(answer.sentences.flatMap(({ citations }) => citations)).size || (answer.abstention?.nearest.length ?? 0);
  const toggle = (wanted: Panel) => setPanel(panel === wanted ? null : wanted);

  async function copy(text: string, message: string) {
    setSaid((await toClipboard(text)) ? message : told.notCopied);
  }

  const link = linkOf(answer);
  const copied = { question, narrowed, answer, partTitles };
  const copies = [
    { id: "text", name: told.copyText, onAction: () => void copy(answerText(copied), told.copied(references)) },
    { id: "markdown", name: told.copyMarkdown, onAction: () => void copy(answerMarkdown(copied), told.copied(references)) },
  ];
  const share = link === null ? [] : [{ id: "link", name: told.copyLink, onAction: () => void copy(link, told.linkCopied) }];
  const files = FORMATS.map((format) => ({ id: format, name: told[format], onAction: () => exported.mutate(format) }));
  return (
    <div className="answer-actions" data-uncopied="">
      <div className="toolbar" role="group" aria-label={told.name}>
        <ActionMenu label={told.copy} actions={[copies, share]} />
        <ActionMenu
          label={told.export}
          actions={[
            files.slice(0, 3),
            files.slice(3),
            [{ id: "print", name: told.print, onAction: () => printOne(document.querySelector(`[data-actions="${answer.audit_id}"]`)) }],
          ]}
        />
        <button type="button" className="quiet" aria-haspopup="dialog" onClick={() => setWhy(true)}>
          {told.why}
        </button>
        <button type="button" className="quiet" aria-expanded={panel === "feedback"} onClick={() => toggle("feedback")}>
          {told.feedback}
        </button>
        <button type="button" className="quiet" aria-expanded={panel === "sign-off"} onClick={() => toggle("sign-off")}>
          {told.signOff}
        </button>
        <span className="said" role="status" data-actions={answer.audit_id}>
          {said}
        </span>
      </div>
      {exported.error !== null && <ProblemNotice problem={Problem.from(exported.error)} />}
      <Suspense fallback={<p className="muted" role="status">{words.ui.loading}</p>}>
        {panel === "feedback" && <FeedbackPanel answer={answer} heading={heading} />}
        {panel === "sign-off" && <SignOffPanel {...{ answer, heading, onSigned }} />}
        {why && <Why answer={answer} onClose={() => setWhy(false)} />}
      </Suspense>
    </div>
  );
}

const FORMATS = ["docx", "pdf", "md", "bundle"] as const;

function useExport(auditId: string, say: (words: string) => void) {
  const { api } = useSigned();
  return useMutation({
    mutationFn: async (format: Format | "bundle") => {
      say(told.preparing(told[format]));
      const name = format === "bundle" ? "answer.zip" : `answer.${format}`;
      save(await (format === "bundle" ? answers.bundle(api, auditId) : answers.exported(api, auditId, format)), name);
      return name;
    },
    onSuccess: (name) => say(told.saved(name)),
    onError: () => say(""),
  });
}

/** The address of its turn of a conversation; null where it is kept in none. It carries no right. */
export function linkOf({ conversation }: Pick<Answer, "conversation">): string | null {
  if (conversation === null || conversation === undefined) return null;
  return `${location.origin}${location.pathname}#/c/${encodeURIComponent(conversation.id)}?turn=${conversation.number}`;
}
