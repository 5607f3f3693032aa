import { type ReactNode, useState } from "react";
import { AnswerView } from "../answer/AnswerView";
import type { Citation } from "../client/types";
import { words } from "../strings";
import { ProblemNotice } from "../ui/ProblemNotice";
import { outcomeOf, statusLine, type Turn } from "./turns";

const told = words.answers.answer;

interface Props {
  turn: Turn;
  /** What it was narrowed to, in a line; for what is copied. */
  narrowed?: string;
  /** Under the question. */
  under?: ReactNode;
  /** Beside what the service is doing; not announced. */
  beside?: ReactNode;
  onCite: (citation: Citation) => void;
  onRetry: (() => void) | undefined;
}

/** One question with its answer, as it arrives and as it ended. */
export function TurnView({ turn, narrowed = "", under, beside, onCite, onRetry }: Props) {
  const { question, sentences, citations, answer, phase, partTitles, problem } = turn;
  const [begun] = useState(phase === "running"); // it was seen to begin, so that its end is told, too
  return (
    <article className="turn" tabIndex={-1} aria-label={told.question(turn.id)} data-status={answer?.status ?? phase}>
      <h2 className="question">{question}</h2>
      {under}
      <AnswerView {...{ question, sentences, citations, answer, phase, partTitles, onCite }} narrowed={narrowed}>
        <p className={phase === "running" ? "status" : "visually-hidden"} role="status">
          {phase === "running" ? <span className="working">{statusLine(turn)}</span> : begun ? outcomeOf(turn) : ""}
        </p>
        {beside}
      </AnswerView>
      {phase === "stopped" && (
        <div className="notice" role="note" aria-label={told.stopped}>
          <p>{sentences.length > 0 ? told.youStoppedAfter : told.youStopped}</p>
          {onRetry !== undefined && (
            <button type="button" className="secondary" onClick={onRetry}>
              {told.askAgain}
            </button>
          )}
        </div>
      )}
      {problem !== null && <ProblemNotice problem={problem} onRetry={onRetry} />}
    </article>
  );
}
