import { words } from "../strings";
import type { Cell } from "./matrix";
import { StateSign } from "./StateSign";

const said = words.reviews;
/** The one that a reader has to know first comes first. */
const VERDICTS = ["rejected", "changed", "approved"] as const;

/** How a cell stands: a sign and words, never a colour alone. A cell that may not be seen is said to be none. */
export function CellState({ cell }: { cell: Cell | undefined }) {
  if (cell === undefined) {
    return (
      <span className="cell-state" data-state="missing">
        <StateSign state="missing" />
        {said.missing}
      </span>
    );
  }
  const verdict = VERDICTS.find((one) => cell.signed.some((sign) => sign.verdict === one));
  const change = cell.changed.find((one) => one.change === "wrong") ?? cell.changed[0];
  return (
    <>
      <span className="cell-state" data-state={cell.status}>
        <StateSign state={cell.status} />
        {cell.status === "failed" ? said.failed(cell.code) : said.states[cell.status]}
      </span>
      {verdict !== undefined && (
        <span className="cell-state" data-state={verdict}>
          <StateSign state={verdict === "changed" ? "reworded" : verdict} />
          {said.signed(verdict, cell.signed.length)}
        </span>
      )}
      {change !== undefined && (
        <span className="cell-state" data-state="changed">
          <StateSign state="changed" />
          {said.changed[change.change]}
        </span>
      )}
    </>
  );
}
