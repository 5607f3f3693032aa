import { words } from "../strings";
import "../styles/filter.css";
import { type Filter, isEmpty } from "./filter";

/** What a question is narrowed to, in one line, with one click to clear it; nothing where it is not narrowed. */
export function FilterSummary({ value, onClear }: { value: Filter; onClear?: () => void }) {
  if (isEmpty(value)) return null;
  return (
    <p className="filter-summary">
      {!isEmpty({ ...value, strictness: "" }) && <span className="filter-only">{words.filter.only}</span>} {words.filter.summary(value)}
      {onClear !== undefined && (
        <button type="button" className="link" onClick={onClear}>
          {words.filter.clear}
        </button>
      )}
    </p>
  );
}
