import type { Answer } from "../client/types";
import { words } from "../strings";
import { Sources } from "./Sources";
import { noAnswerKind, noAnswerLines } from "./words";

const told = words.answers.noAnswer;

/** No answer: which kind of none, what was searched, and what came closest. */
export function Abstained({ answer, heading: Heading }: { answer: Answer; heading: "h3" | "h4" | "h5" }) {
  const { abstention } = answer;
  const kind = noAnswerKind(answer);
  const nearest = abstention?.nearest ?? [];
  return (
    <div className="notice abstained" role="note" aria-label={told.name} data-kind={kind}>
      {noAnswerLines(answer).map((line, at, { length }) => (
        <p key={line} className={at === 0 ? "notice-title" : at === length - 1 && abstention !== null ? "searched" : undefined}>
          {line}
        </p>
      ))}
      {abstention !== null && abstention.searched.clues.length > 0 && (
        <ul className="clues" aria-label={told.understood}>
          {abstention.searched.clues.map(({ kind: of, text, effect }) => (
            <li key={`${of} ${text}`}>{told.clue(text, effect)}</li>
          ))}
        </ul>
      )}
      {nearest.length > 0 && (
        <>
          <Heading>{told.nearest}</Heading>
          <Sources name={told.passage} citations={nearest} />
        </>
      )}
    </div>
  );
}
