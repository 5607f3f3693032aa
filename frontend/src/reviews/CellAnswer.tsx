import { AnswerView } from "../answer/AnswerView";
import type { SignOff } from "../client/answers";
import type { Answer } from "../client/types";

interface Props {
  question: string;
  answer: Answer;
  heading?: "h3" | "h4";
  /** As of `AnswerView`. */
  onSigned?: (signed: SignOff[]) => void;
}

/** An answer that was given, below a heading that holds its question. */
export function CellAnswer({ question, answer, heading = "h3", onSigned }: Props) {
  const { sentences, citations, status } = answer;
  return (
    <article className="turn" aria-label={question} data-status={status}>
      <AnswerView {...{ question, sentences, citations, answer, heading, onSigned }} phase="done" />
    </article>
  );
}
