import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useRef, useState } from "react";
import { useSigned } from "../app/context";
import { answers, type Feedback, type FeedbackIn, type FeedbackKind } from "../client/answers";
import { Problem } from "../client/problem";
import type { Answer } from "../client/types";
import { words } from "../strings";
import { ProblemNotice } from "../ui/ProblemNotice";
import { Expected, type ExpectedPassage } from "./Expected";
import { longDate } from "./format";
import { SentenceChoice } from "./SentenceChoice";

const told = words.answers.feedback;
const KINDS = Object.entries(told.kinds) as [FeedbackKind, string][];

/** Says whether an answer is right, why not, and what it should have cited; shows what one has said before. */
export default function FeedbackPanel({ answer, heading: Heading }: { answer: Answer; heading: "h3" | "h4" | "h5" }) {
  const { api } = useSigned();
  const client = useQueryClient();
  const queryKey = ["answers", answer.audit_id, "feedback"];
  const { data: earlier, error } = useQuery({ queryKey, queryFn: () => answers.ownFeedback(api, answer.audit_id) });
  const id = useId();
  const send = useMutation({
    mutationFn: (told: FeedbackIn) => answers.giveFeedback(api, told),
    onSuccess: () => client.invalidateQueries({ queryKey }),
  });
  const [sent, setSent] = useState(0);
  const panel = useRef<HTMLElement>(null);
  function onSent() {
    setSent(sent + 1);
    panel.current?.focus({ preventScroll: true }); // the button that had it is gone
  }
  return (
    <section className="panel" ref={panel} tabIndex={-1} aria-labelledby={id}>
      <Heading id={id}>{told.heading}</Heading>
      {/* Each report begins with an empty form. */}
      <Report
        key={sent}
        answer={answer}
        busy={send.isPending}
        onBegin={() => send.isSuccess && send.reset()}
        onSend={(report) => send.mutate(report, { onSuccess: onSent })}
      />
      {send.error !== null && <ProblemNotice problem={Problem.from(send.error)} />}
      <p role="status">{send.isSuccess ? told.sent : ""}</p>
      {error !== null && <ProblemNotice problem={Problem.from(error)} />}
      {earlier !== undefined && earlier.length > 0 && <Earlier said={earlier} />}
    </section>
  );
}

interface ReportProps {
  answer: Answer;
  busy: boolean;
  /** Something was filled in. */
  onBegin: () => void;
  onSend: (report: FeedbackIn) => void;
}

function Report({ answer, busy, onBegin, onSend }: ReportProps) {
  const id = useId();
  const [kind, setKind] = useState<FeedbackKind | null>(null);
  const [sentence, setSentence] = useState(0);
  const [said, setSaid] = useState("");
  const [expected, setExpected] = useState<ExpectedPassage | null>(null);
  function submit(event: FormEvent) {
    event.preventDefault();
    if (kind === null || busy) return;
    onSend({ audit_id: answer.audit_id, kind, sentence, words: said.trim(), ...(expected !== null && { expected }) });
  }
  function choose(wanted: FeedbackKind) {
    setKind(wanted);
    if (wanted === "right") setExpected(null); // and its field goes
  }
  return (
    <form className="panel-form" onSubmit={submit} onChange={onBegin}>
      <fieldset className="choices">
        <legend>{told.kind}</legend>
        {KINDS.map(([value, label]) => (
          <label key={value}>
            <input type="radio" name={`${id} kind`} required checked={kind === value} onChange={() => choose(value)} />
            {label}
          </label>
        ))}
      </fieldset>
      <SentenceChoice label={told.of} whole={told.whole} answer={answer} value={sentence} onChange={setSentence} />
      <label className="field">
        <span>{told.reason}</span>
        <textarea rows={2} maxLength={4000} value={said} onChange={(event) => setSaid(event.target.value)} />
      </label>
      {kind !== null && kind !== "right" && <Expected value={expected} onChange={setExpected} />}
      <button type="submit" className="primary" aria-disabled={busy}>
        {busy ? told.sending : told.send}
      </button>
    </form>
  );
}

function Earlier({ said }: { said: Feedback[] }) {
  return (
    <>
      <p className="panel-title">{told.earlier}</p>
      <ul className="signed-list">
        {said.map((one) => (
          <li key={one.id}>
            <span>
              {told.said(told.kinds[one.kind], one.sentence === 0 ? told.ofWhole : told.ofSentence(one.sentence), longDate(one.given_at))}
            </span>
            {one.words !== "" && <q className="said-words">{one.words}</q>}
            {one.expected !== null && one.expected.quote !== "" && (
              <blockquote className="footnote-quote">{one.expected.quote}</blockquote>
            )}
            <span className="muted">{told.reviewed(told.states[one.state], one.review)}</span>
          </li>
        ))}
      </ul>
      <p className="muted">{told.replaces}</p>
    </>
  );
}
