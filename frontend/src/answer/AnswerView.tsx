import { type ReactNode, useMemo, useRef } from "react";
import { useSource } from "../app/source";
import type { SignOff } from "../client/answers";
import type { Answer, Citation, Sentence } from "../client/types";
import { words } from "../strings";
import { Warnings } from "../ui/Warnings";
import { Abstained } from "./Abstained";
import { Actions } from "./Actions";
import { useCopying } from "./copying";
import { chipNames } from "./naming";
import { paragraphs } from "./paragraphs";
import { ReadingContext } from "./reading";
import { SentenceView } from "./SentenceView";
import { Sources } from "./Sources";
import { useActiveSentence } from "./useActiveSentence";
import { useSignOffs } from "./useSignOffs";
import { asideLines, cautionLine } from "./words";
import "../styles/answer.css";
import "../styles/print.css";

const told = words.answers;

export interface AnswerViewProps {
  /** As it was asked; for what is copied and printed. Whoever shows the answer shows the question above it. */
  question: string;
  sentences: Sentence[];
  citations: Citation[];
  /** Null while it is written, and where it broke off. */
  answer: Answer | null;
  phase: "running" | "done" | "failed" | "stopped";
  /** Of a comparison: the document of each part of the question. */
  partTitles?: string[];
  /** What the question was narrowed to, in a line; for what is copied. */
  narrowed?: string;
  /** Of the headings in it: one deeper than that of the question. */
  heading?: "h3" | "h4" | "h5";
  /** Opens a citation; in the pane, where nothing is given. */
  onCite?: (citation: Citation) => void;
  /** Without what can be done with it: copies, exports, feedback, sign-off, the record. */
  plain?: boolean;
  /** What holds of it after each sign-off. Who is told has come to sign: the panel for it is open from the start. */
  onSigned?: ((signed: SignOff[]) => void) | undefined;
  /** Stands between the sentences and the rest: what is being done. */
  children?: ReactNode;
}

/** One answer: sentences with what they cite, how it ended, what it assumed, its sources, what can be done with it. */
export function AnswerView(props: AnswerViewProps) {
  const { question, sentences, citations, answer, phase, partTitles = [], heading: Heading = "h3", plain = false } = props;
  const { place, openCitation } = useSource();
  const [active, setActive] = useActiveSentence(question);
  const root = useRef<HTMLDivElement>(null);
  const onCite = props.onCite ?? openCitation;
  const names = useMemo(() => chipNames(sentences, citations), [sentences, citations]);
  const cited = useMemo(() => citedIn(sentences, citations), [sentences, citations]);
  const reading = useMemo(() => ({ onCite, place, active, setActive }), [onCite, place, active, setActive]);
  const abstained = answer?.status === "abstained";
  const { signOffs } = useSignOffs(plain ? null : answer, phase, root);
  useCopying(root, sentences.length, cited);
  let number = 0;

  return (
    <ReadingContext value={reading}>
      <div className="answer-view" data-answer="" ref={root}>
        {/* Of what is written each sentence is announced as it comes, and nothing that changes in those before it. */}
        <div className="answer" role="group" aria-label={told.answer.name} aria-live={phase === "running" ? "polite" : "off"} aria-relevant="additions">
          {!abstained &&
            paragraphs(sentences).map((paragraph) => (
              <p key={paragraph[0]?.start}>
                <PartTitle title={partTitles[(paragraph[0]?.part ?? 0) - 1]} />
                {paragraph.map((sentence) => {
                  number += 1;
                  const own = number;
                  return (
                    <SentenceView
                      key={`${sentence.start} ${sentence.text}`}
                      sentence={sentence}
                      number={own}
                      citations={citations}
                      names={names[own - 1] ?? []}
                      signed={signOffs.filter((one) => one.sentence === own)}
                    />
                  );
                })}
              </p>
            ))}
        </div>
        {props.children}
        {answer?.status === "partial" && (
          <p className="notice partial" role="note" aria-label={told.answer.partial}>
            {answer.explanation}
          </p>
        )}
        {answer !== null && answer.cautions.length > 0 && (
          <Warnings title={told.answer.caution} lines={answer.cautions.map(cautionLine)} />
        )}
        {abstained && <Abstained answer={answer} heading={Heading} />}
        {answer !== null && <Aside answer={answer} />}
        {!abstained && cited.length > 0 && phase !== "running" && (
          <section className="sources">
            <Heading>{told.source.heading}</Heading>
            <Sources name={told.source.source} citations={cited} sentences={sentences} />
          </section>
        )}
        {answer !== null && !plain && (
          <Actions question={question} answer={answer} heading={Heading} partTitles={partTitles} narrowed={props.narrowed ?? ""} onSigned={props.onSigned} />
        )}
        {answer !== null && <p className="printed-only">{told.actions.auditId(answer.audit_id)}</p>}
      </div>
    </ReadingContext>
  );
}

/** The citations that a sentence rests on: what was gathered and not used is no source. */
function citedIn(sentences: Sentence[], citations: Citation[]): Citation[] {
  const ids = new Set(sentences.flatMap((sentence) => sentence.citations));
  return citations.filter(({ id }) => ids.has(id));
}

/** The document that a part of a comparison is about. */
function PartTitle({ title }: { title: string | undefined }) {
  return title ? <strong className="part-title">{told.answer.partTitle(title)}</strong> : null;
}

/** Quiet lines: which documents ambiguous words were taken to mean, and how much was withheld. */
function Aside({ answer }: { answer: Answer }) {
  return asideLines(answer).map((line) => (
    <p key={line} className="aside">
      {line}
    </p>
  ));
}
