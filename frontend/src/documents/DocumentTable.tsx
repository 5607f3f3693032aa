import { type KeyboardEvent, type Ref, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from "react";
import { useSigned } from "../app/context";
import { useSource } from "../app/source";
import type { Asked } from "../client/documents";
import type { DocumentSummary, Me } from "../client/types";
import { words } from "../strings";
import type { Action } from "../ui/Menu";
import { useWidth } from "../ui/useWidth";
import { type GridHandle, type Row, VirtualGrid } from "../ui/VirtualGrid";
import { isNarrowed, sortedBy } from "./asked";
import { columnsOf, layoutOf, ROW_HEIGHT } from "./columns";
import type { Wanted } from "./DocumentDialogs";
import { MOST_ROWS } from "./loading";
import { Narrowed } from "./Filters";
import { choices } from "./readers";
import { cellsOf } from "./row";
import { SelectionBar } from "./SelectionBar";
import { extended, nothing, type Selection, toggled, withAll, without } from "./selection";
import { Toolbar } from "./Toolbar";
import type { Rows } from "./useRows";
import { uploadedName } from "./words";

const told = words.documents;
const FOLDED_BELOW = 66;
const SEEN_FOR_READERS = 100;

export interface TableHandle {
  /** What was changed or is gone is no longer selected. */
  done: (ids: string[]) => void;
  /** Back to the row that had it, or the one that has come in its place. */
  focusAgain: () => void;
}

interface Props {
  rows: Rows;
  asked: Asked;
  mayWrite: boolean;
  onAsk: (asked: Asked) => void;
  onAct: (what: Wanted["what"], documents: DocumentSummary[]) => void;
  ref: Ref<TableHandle>;
}

/** The list with what narrows it and what can be done with its rows. */
export function DocumentTable({ rows, asked, mayWrite, onAsk, onAct, ref }: Props) {
  const { me } = useSigned();
  const { open } = useSource();
  const box = useRef<HTMLDivElement>(null);
  const grid = useRef<GridHandle>(null);
  const last = useRef(0); // the row that a dialog was opened from
  const width = useWidth(box);
  const layout = layoutOf(width);
  const [selection, setSelection] = useState<Selection<DocumentSummary>>(nothing);
  const total = rows.total ?? 0;
  const count = useRef(total);
  count.current = total;
  const narrowed = JSON.stringify({ ...asked, sort: "", order: "" });
  useEffect(() => setSelection(nothing), [narrowed]); // nothing is selected that is not in the list
  const showing = useRef(rows.shown);
  useLayoutEffect(() => {
    if (rows.shown !== showing.current) grid.current?.toTop(); // another list begins at its beginning
    showing.current = rows.shown;
  }, [rows.shown]);

  useImperativeHandle(
    ref,
    () => ({
      done: (ids) => setSelection((before) => without(before, ids)),
      focusAgain: () => later(() => (count.current > 0 ? grid.current?.focusRow(last.current) : document.getElementById("main")?.focus())),
    }),
    [],
  );

  const read = ({ document_id, version_id }: DocumentSummary) => open({ document_id, version_id, span: null });
  const chosen = [...selection.chosen.values()];
  const changeable = chosen.filter((one) => one.may_change);
  const select = (at: number, range: boolean) => {
    const one = rows.at(at);
    last.current = at;
    if (one === undefined) return;
    if (range) void selectTo(at);
    else setSelection(toggled(selection, one, at));
  };
  /** All rows from the last selected one on, read where nobody has looked yet. */
  const selectTo = async (at: number) => {
    const from = selection.anchor ?? at;
    const [start, end] = from < at ? [from, Math.min(at, from + MOST_ROWS - 1)] : [Math.max(at, from - MOST_ROWS + 1), from];
    const between = await rows.read(start, end - start + 1);
    setSelection((before) => extended(before, between, from));
  };
  const selectAll = async () => {
    if (chosen.length > 0) setSelection(nothing());
    else setSelection(withAll(await rows.read(0, MOST_ROWS)));
  };

  function act(what: Wanted["what"], documents: DocumentSummary[], at: number) {
    last.current = at;
    if (documents.length > 0) onAct(what, documents);
  }
  function onKey(event: KeyboardEvent, at: number): boolean {
    const one = rows.at(at);
    if (one === undefined) return false;
    if (event.key === "Enter") read(one);
    else if (event.key === " " && mayWrite) select(at, event.shiftKey);
    else if (event.key === "a" && (event.ctrlKey || event.metaKey) && mayWrite) void selectAll();
    else if (event.key === "Escape" && chosen.length > 0) setSelection(nothing());
    else if (event.key === "Delete" && selection.chosen.has(one.document_id)) act("delete", changeable, at);
    else if (event.key === "Delete" && one.may_change) act("delete", [one], at);
    else return false;
    return true;
  }

  const selects = mayWrite ? <SelectAll chosen={chosen.length} total={total} onToggle={() => void selectAll()} /> : undefined;
  const columns = columnsOf(layout, asked, selects, (sort) => onAsk(sortedBy(asked, sort)));

  function row(at: number, active: boolean): Row {
    const one = rows.at(at);
    if (one === undefined) return { cells: columns.map(({ id }) => (id === "document" ? told.loadingRow : null)), className: "unread" };
    const selected = selection.chosen.has(one.document_id);
    const cells = cellsOf({
      document: one,
      active,
      selected,
      onSelect: mayWrite ? (range) => select(at, range) : undefined,
      onOpen: () => read(one),
      onDetails: () => act("details", [one], at),
      actions: actionsOf(one, mayWrite, me.user, (what) => (what === "open" ? read(one) : act(what, [one], at))),
    });
    return { cells: columns.map(({ id }) => cells[id]), selected, className: selected ? "chosen-row" : "" };
  }

  const line = rows.waiting ? words.ui.loading : told.found(total, isNarrowed(asked));
  return (
    <div className="table-box" ref={box}>
      {width > 0 && (
        <>
          <Toolbar asked={asked} readers={readersOf(me, rows)} folded={width < FOLDED_BELOW} onAsk={onAsk} />
          <div className="list-line">
            <p className={chosen.length > 0 ? "visually-hidden" : "muted"} role="status">
              {line}
            </p>
            {chosen.length === 0 && <Narrowed asked={asked} onAsk={onAsk} />}
            {chosen.length > 0 && (
              <SelectionBar
                chosen={chosen.length}
                changeable={changeable.length}
                onReaders={() => act("readers", changeable, last.current)}
                onDelete={() => act("delete", changeable, last.current)}
                onClear={() => setSelection(nothing())}
              />
            )}
          </div>
          <p className="visually-hidden" id="documents-keys">
            {told.keys}
          </p>
          {total > 0 && (
            <VirtualGrid
              ref={grid}
              name={told.list}
              describedBy="documents-keys"
              columns={columns}
              rowHeader="document"
              count={total}
              rowHeight={ROW_HEIGHT[layout]}
              row={row}
              onKey={onKey}
              onPress={(event, at) => {
                const one = rows.at(at);
                if (one === undefined) return;
                if (mayWrite && (event.ctrlKey || event.metaKey || event.shiftKey)) select(at, event.shiftKey);
                else read(one);
              }}
              onSeen={rows.see}
              layout={layout}
              selectable={mayWrite}
              busy={rows.waiting}
            />
          )}
        </>
      )}
    </div>
  );
}

/** Who can be asked for as a reader: one's groups, oneself, and who else may read what is seen. */
function readersOf(me: Me, rows: Rows): string[] {
  const seen = Array.from({ length: SEEN_FOR_READERS }, (_, at) => rows.at(at)?.allow ?? []).flat();
  const others = seen.filter((token) => !token.startsWith("!"));
  return choices(me, others).map(({ token }) => token);
}

function SelectAll({ chosen, total, onToggle }: { chosen: number; total: number; onToggle: () => void }) {
  const name = total > MOST_ROWS ? told.selectAllOf(MOST_ROWS) : told.selectAll;
  return (
    <label className="check-cell">
      <input
        type="checkbox"
        aria-label={name}
        title={name}
        checked={chosen > 0 && chosen >= Math.min(total, MOST_ROWS)}
        ref={(box) => {
          if (box !== null) box.indeterminate = chosen > 0 && chosen < Math.min(total, MOST_ROWS);
        }}
        onChange={onToggle}
      />
    </label>
  );
}

function actionsOf(
  one: DocumentSummary,
  mayWrite: boolean,
  user: string,
  onAct: (what: Wanted["what"] | "open") => void,
): Action[][] {
  const changes: Action[] = one.may_change ? [{ id: "readers", name: told.changeReaders, onAction: () => onAct("readers") }] : [];
  const mine = mayWrite && one.may_change && uploadedName(one.source, user) !== "";
  if (mine) changes.push({ id: "version", name: told.newVersion, onAction: () => onAct("version") });
  const gone: Action[] = one.may_change
    ? [{ id: "delete", name: told.delete, onAction: () => onAct("delete"), danger: true }]
    : [];
  const looks: Action[] = [
    { id: "open", name: told.open, onAction: () => onAct("open") },
    { id: "details", name: told.details, onAction: () => onAct("details") },
  ];
  return [looks, changes, gone];
}

/** Once a dialog has gone and given the focus back. */
function later(step: () => void) {
  requestAnimationFrame(() => requestAnimationFrame(step));
}
