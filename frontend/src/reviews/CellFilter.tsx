import { useNavigate } from "@tanstack/react-router";
import type { Review, Wanted } from "../client/reviews";
import { words } from "../strings";
import type { Matrix } from "./matrix";

const said = words.reviews;
const WANTED = ["answered", "not_found", "failed", "unsigned", "changed"] as const satisfies readonly Wanted[];

/** What the address names; "" for all cells. */
export function readWanted(text: unknown): Wanted | "" {
  return WANTED.find((one) => one === text) ?? "";
}

/** Chooses which rows are shown, by their cells; it is part of the address. */
export function CellFilter({ review, matrix, wanted, narrow }: { review: Review; matrix: Matrix; wanted: Wanted | ""; narrow: boolean }) {
  const navigate = useNavigate();
  function choose(chosen: Wanted | "") {
    const search = ({ cells: _before, cell: _open, ...rest }: Record<string, unknown>) => ({ ...rest, ...(chosen !== "" && { cells: chosen }) });
    void navigate({ to: ".", search: search as never, replace: true, resetScroll: false });
  }
  return (
    <div className="cell-filter">
      <label htmlFor="cell-filter">{said.show}</label>
      <select id="cell-filter" className="line-select" value={wanted} onChange={(event) => choose(readWanted(event.target.value))}>
        <option value="">{said.showAll}</option>
        {WANTED.map((one) => (
          <option key={one} value={one}>
            {said.wantedOf(one, countOf(review, one))}
          </option>
        ))}
      </select>
      <p className="muted" role="status">
        {wanted !== "" && said.marked(foundLine(matrix, review), narrow)}
      </p>
    </div>
  );
}

function foundLine({ rows, next }: Matrix, { documents }: Review): string {
  return next === null ? said.rowsFound(rows.length, documents) : said.lookingOn(rows.length);
}

/** How many cells are so, where the counts tell it. */
function countOf({ counts }: Review, wanted: Wanted): number | null {
  if (wanted === "answered") return (counts.answered ?? 0) + (counts.partial ?? 0);
  return wanted === "not_found" || wanted === "failed" ? (counts[wanted] ?? 0) : null;
}
