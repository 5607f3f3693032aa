import type { Citation, Sentence } from "../client/types";
import { ProblemNotice } from "../ui/ProblemNotice";
import { AnswerRecord } from "./AnswerRecord";
import { paragraphs } from "./paragraphs";
import { statusLine, type Turn } from "./turns";

interface Props {
  turn: Turn;
  onCite: (citation: Citation) => void;
  onRetry: (() => void) | undefined;
}

/** One question with its answer: sentences as they arrive, how it ended, the sources, the record. */
export function TurnView({ turn, onCite, onRetry }: Props) {
  const { answer, phase, problem } = turn;
  const abstained = answer?.status === "abstained";
  const cited = turn.citations.filter(({ id }) => turn.sentences.some(({ citations }) => citations.includes(id)));
  return (
    <article className="turn" aria-label={`Question ${turn.id}`} data-status={answer?.status ?? phase}>
      <h2 className="question">{turn.question}</h2>
      <div className="answer" role="group" aria-label="Answer" aria-live="polite">
        {!abstained &&
          paragraphs(turn.sentences, answer).map((sentences) => (
            <p key={sentences[0]?.start}>
              {sentences.map((sentence) => (
                <SentenceView key={sentence.start} sentence={sentence} citations={turn.citations} onCite={onCite} />
              ))}
            </p>
          ))}
      </div>
      <p className="status" role="status">
        {phase === "running" ? <span className="working">{statusLine(turn)}</span> : ""}
      </p>
      {answer?.status === "partial" && (
        <p className="notice partial" role="note" aria-label="Partial answer">
          Some sentences were withheld because their sources do not support them.
        </p>
      )}
      {abstained && <Abstained text={answer.answer} />}
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
      {!abstained && cited.length > 0 && phase !== "running" && <Footnotes citations={cited} onCite={onCite} />}
      {answer !== null && <AnswerRecord answer={answer} />}
    </article>
  );
}

function SentenceView(props: { sentence: Sentence; citations: Citation[]; onCite: (citation: Citation) => void }) {
  const { sentence, citations } = props;
  const cited = sentence.citations.flatMap((id) => citations.find((citation) => citation.id === id) ?? []);
  return (
    <span className="sentence">
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

function Abstained({ text }: { text: string }) {
  return (
    <div className="notice abstained" role="note" aria-label="No supported answer">
      <p className="notice-title">No supported answer</p>
      <p>{text.trim() || "Nothing in the documents that you may read supports an answer to this question."}</p>
    </div>
  );
}

function Footnotes({ citations, onCite }: { citations: Citation[]; onCite: (citation: Citation) => void }) {
  return (
    <ol className="footnotes" aria-label="Sources">
      {citations.map((citation) => (
        <li key={citation.id}>
          <span className="footnote-number" aria-hidden="true">
            {citation.id}
          </span>
          <button
            type="button"
            aria-haspopup="dialog"
            aria-label={`Source ${citation.id}: ${citation.title}`}
            onClick={() => onCite(citation)}
          >
            <span className="footnote-title">{citation.title}</span>
            <span className="footnote-place">
              {[
                ...citation.section_path.slice(-1),
                citation.page !== null && `page ${citation.page}`,
                `version ${citation.version}`,
              ]
                .filter(Boolean)
                .join(" · ")}
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}
