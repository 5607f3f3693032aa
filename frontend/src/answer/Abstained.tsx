import type { Answer, Citation } from "../client/types";
import { Footnotes } from "./Footnotes";
import { NO_ANSWER, searchedLine } from "./words";

/** No answer: why, what was searched, and what came closest. */
export function Abstained({ answer, onCite }: { answer: Answer; onCite: (citation: Citation) => void }) {
  const { abstention } = answer;
  return (
    <div className="notice abstained" role="note" aria-label="No answer">
      <p className="notice-title">{NO_ANSWER[answer.why]}</p>
      <p>{answer.answer}</p>
      {abstention !== null && (
        <>
          <p className="searched">{searchedLine(abstention.searched)}</p>
          {abstention.searched.clues.length > 0 && (
            <ul className="clues" aria-label="What the search understood">
              {abstention.searched.clues.map((clue) => (
                <li key={`${clue.kind} ${clue.text}`}>
                  “{clue.text}”: {clue.effect}
                </li>
              ))}
            </ul>
          )}
          {abstention.nearest.length > 0 && (
            <>
              <h3>Nearest passages</h3>
              <Footnotes
                label="Nearest passages"
                name="Passage"
                citations={abstention.nearest}
                quoted
                onCite={onCite}
              />
            </>
          )}
        </>
      )}
    </div>
  );
}
