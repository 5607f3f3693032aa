import { Focusable, Tooltip, TooltipTrigger } from "react-aria-components";
import type { FoundPassage, Leg } from "../client/answers";
import type { Citation } from "../client/types";
import { placeOf } from "../documents/reading";
import { words } from "../strings";

const told = words.answers.why;
const LEGS: Leg[] = ["sparse", "dense", "fused", "rerank"];

/** As which citations of the answer, or nearest passages of an abstention, words of it were shown. */
export function usesOf({ cited, nearest }: FoundPassage): number[] {
  return [...cited, ...nearest];
}

/** What the search found, in its order, with its rank in each leg; a passage opens at its words. */
export function FoundTable({ passages, onOpen }: { passages: FoundPassage[]; onOpen: (citation: Citation) => void }) {
  return (
    <div className="why-scroll" role="group" aria-label={told.found} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{told.columns.passage}</th>
            {LEGS.map((leg) => (
              <th key={leg} scope="col">
                <Hinted name={told.columns[leg]} hint={told.hints[leg]} />
              </th>
            ))}
            <th scope="col">{told.columns.shown}</th>
            <th scope="col">{told.columns.cited}</th>
          </tr>
        </thead>
        <tbody>
          {passages.map((passage) => (
            <Row key={passage.quote.id} passage={passage} onOpen={onOpen} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ passage, onOpen }: { passage: FoundPassage; onOpen: (citation: Citation) => void }) {
  const { quote, ranks, copies } = passage;
  const used = usesOf(passage);
  return (
    <tr data-cited={used.length > 0 ? "" : undefined}>
      <th scope="row">
        <button type="button" className="link" aria-haspopup="dialog" onClick={() => onOpen(quote)}>
          {[quote.title, ...quote.section_path.slice(-1), placeOf(quote)].filter(Boolean).join(", ")}
        </button>
        <span className="why-words">{quote.quote}</span>
        {copies.length > 0 && <span className="muted">{told.copies(copies.length)}</span>}
        {passage.rank === 0 && <span className="muted">{told.referredTo}</span>}
      </th>
      {LEGS.map((leg) => (
        <td key={leg}>{ranks[leg] ?? <NoRank />}</td>
      ))}
      <td>{passage.shown ? told.yes : told.no}</td>
      <td>{used.length > 0 ? told.citedAs(used) : told.no}</td>
    </tr>
  );
}

function NoRank() {
  return (
    <>
      <span aria-hidden="true">–</span>
      <span className="visually-hidden">{told.noRank}</span>
    </>
  );
}

/** A word with an explanation under the pointer and the focus. */
function Hinted({ name, hint }: { name: string; hint: string }) {
  return (
    <TooltipTrigger delay={250}>
      <Focusable>
        <span className="hinted" role="note" tabIndex={0}>
          {name}
        </span>
      </Focusable>
      <Tooltip className="hint" offset={4}>
        {hint}
      </Tooltip>
    </TooltipTrigger>
  );
}
