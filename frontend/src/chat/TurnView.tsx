import type { ReactNode } from "react";
import type { Answer, Citation, Sentence } from "../client/types";
import { ProblemNotice } from "../ui/ProblemNotice";
import { Warnings } from "../ui/Warnings";
import { Abstained } from "./Abstained";
import { AnswerRecord } from "./AnswerRecord";
import { Footnotes } from "./Footnotes";
import { paragraphs } from "./paragraphs";
import { statusLine, type Turn } from "./turns";
import { assumedLines, cautionLine, leftAsideLine, withheldLine } from "./words";

interface Props {
  turn: Turn;
  /** Under the question. */
  under?: ReactNode;
  /** Beside what the service is doing; not announced. */
  beside?: ReactNode;
  onCite: (citation: Citation) => void;
  onRetry: (() => void) | undefined;
}

/** One question with its answer: sentences as they arrive, how it ended, what it assumed, the sources, the record. */
export function TurnView({ turn, under, beside, onCite, onRetry }: Props) {
  const { answer, phase, problem } = turn;
  const abstained = answer?.status === "abstained";
  const cited = turn.citations.filter(({ id }) => turn.sentences.some(({ citations }) => citations.includes(id)));
  return (
    <article className="turn" aria-label={`Question ${turn.id}`} data-status={answer?.status ?? phase}>
      <h2 className="question">{turn.question}</h2>
      {under}
      <div className="answer" role="group" aria-label="Answer" aria-live="polite">
        {!abstained &&
          paragraphs(turn.sentences).map((sentences) => (
            <p key={sentences[0]?.start}>
              <PartTitle title={turn.partTitles[(sentences[0]?.part ?? 0) - 1]} />
              {sentences.map((sentence) => (
                <SentenceView key={sentence.start} sentence={sentence} citations={turn.citations} onCite={onCite} />
              ))}
            </p>
          ))}
      </div>
      <p className="status" role="status">
        {phase === "running" ? <span className="working">{statusLine(turn)}</span> : ""}
      </p>
      {beside}
      {answer?.status === "partial" && (
        <p className="notice partial" role="note" aria-label="Partial answer">
          {answer.explanation}
        </p>
      )}
      {answer !== null && answer.cautions.length > 0 && (
        <Warnings title="Look at the source before you rely on this" lines={answer.cautions.map(cautionLine)} />
      )}
      {abstained && <Abstained answer={answer} onCite={onCite} />}
      {answer !== null && <Aside answer={answer} />}
      {phase === "stopped" && (
        <div className="notice" role="note" aria-label="Stopped">
          <p>
            You stopped this answer.
            {turn.sentences.length > 0 && " What is shown was checked, but it is not complete."}
          </p>
          {onRetry !== undefined && (
            <button type="button" className="secondary" onClick={onRetry}>
              Ask again
            </button>
          )}
        </div>
      )}
      {problem !== null && <ProblemNotice problem={problem} onRetry={onRetry} />}
      {!abstained && cited.length > 0 && phase !== "running" && (
        <Footnotes label="Sources" name="Source" citations={cited} onCite={onCite} />
      )}
      {answer !== null && <AnswerRecord answer={answer} />}
    </article>
  );
}

/** The document that a part of a comparison is about. */
function PartTitle({ title }: { title: string | undefined }) {
  return title ? <strong className="part-title">{title}: </strong> : null;
}

/** Quiet lines: which documents ambiguous words were taken to mean, and how much was withheld. */
function Aside({ answer }: { answer: Answer }) {
  const aside = answer.abstention === null ? leftAsideLine(answer.left_aside) : "";
  const withheld = answer.withheld > 0 ? withheldLine(answer.withheld) : "";
  const lines = [...assumedLines(answer.assumed), aside, withheld].filter(Boolean);
  return lines.map((line) => (
    <p key={line} className="aside">
      {line}
    </p>
  ));
}

function SentenceView(props: { sentence: Sentence; citations: Citation[]; onCite: (citation: Citation) => void }) {
  const { sentence, citations } = props;
  const cited = sentence.citations.flatMap((id) => citations.find((citation) => citation.id === id) ?? []);
  return (
    <span className="sentence">
      {sentence.note === "conflict" && <span className="badge">Sources differ</span>}
      {sentence.note === "quoted" && <span className="badge quoted">From the source</span>}
      {sentence.cautions.length > 0 && <span className="badge warned">Unsure source</span>}
      {sentence.text}
      {cited.map((citation) => (
        <button
          key={citation.id}
          type="button"
          className="citation"
          aria-label={`Citation ${citation.id}: ${citation.title}`}
          aria-haspopup="dialog"
          onClick={() => props.onCite(citation)}
        >
          {citation.id}
        </button>
      ))}{" "}
    </span>
  );
}
