import { words } from "../strings";

interface Props {
  chosen: number;
  /** How many of the chosen the person may change. */
  changeable: number;
  onReaders: () => void;
  onDelete: () => void;
  onClear: () => void;
}

const told = words.documents;

/** What can be done with all that are selected; it takes the place of the list's count. */
export function SelectionBar({ chosen, changeable, onReaders, onDelete, onClear }: Props) {
  return (
    <div className="selection-bar" role="group" aria-label={told.bulk}>
      <p>
        <strong>{told.selected(chosen)}</strong>
        {changeable < chosen && <span className="muted"> {told.notYours(chosen - changeable)}</span>}
      </p>
      <button type="button" className="quiet" disabled={changeable === 0} onClick={onReaders}>
        {told.readersOfMany}
      </button>
      <button type="button" className="quiet danger" disabled={changeable === 0} onClick={onDelete}>
        {told.deleteMany}
      </button>
      <button type="button" className="quiet" onClick={onClear}>
        {told.clearSelection}
      </button>
    </div>
  );
}
