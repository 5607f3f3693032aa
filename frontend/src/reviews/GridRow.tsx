import { memo, type MouseEvent } from "react";
import type { Wanted } from "../client/reviews";
import { words } from "../strings";
import { CellState } from "./CellState";
import type { Cell, Row } from "./matrix";
import type { At } from "./moving";
import { fits, textOf } from "./matrix";
import { useKept } from "./useMatrix";

const said = words.reviews;

interface Props {
  index: number;
  /** Undefined as long as it was not read. */
  row: Row | undefined;
  top: number;
  height: number;
  first: number;
  columns: { index: number; start: number; size: number }[];
  wanted: Wanted | "";
  /** The active column, -1: another row's. */
  active: number;
  /** The question that is open, 0: none of this row. */
  open: number;
  onActive: (at: At) => void;
  onOpen: (row: number, question: number, quote: boolean) => void;
  onOpenDocument: (row: number) => void;
}

export const GridRow = memo(
  function GridRow({ index, row, top, height, first, columns, wanted, active, open, onActive, onOpen, onOpenDocument }: Props) {
    return (
      <div className="matrix-row" role="row" aria-rowindex={index + 2} style={{ top, height }}>
        <div
          className="matrix-document"
          role="rowheader"
          aria-colindex={1}
          data-at={`${index + 1}.0`}
          tabIndex={active === 0 ? 0 : -1}
          title={row === undefined ? undefined : `${row.title}\n${row.source}`}
          style={{ width: first }}
          onFocus={() => onActive({ row: index + 1, column: 0 })}
          onClick={() => row !== undefined && onOpenDocument(index)}
        >
          {row === undefined ? (
            <span className="muted">{said.reading}</span>
          ) : (
            <>
              <span className="clamped matrix-title">{row.title}</span>
              <span className="matrix-source">{row.source}</span>
            </>
          )}
        </div>
        {columns.map(({ index: question, start, size }) => (
          <GridCell
            key={question}
            cell={row?.cells.get(question + 1)}
            read={row !== undefined}
            at={{ row: index + 1, column: question + 1 }}
            left={start}
            width={size}
            active={active === question + 1}
            open={open === question + 1}
            found={wanted === "" || row === undefined ? null : fits(row.cells.get(question + 1), wanted)}
            onActive={onActive}
            onOpen={onOpen}
          />
        ))}
      </div>
    );
  },
  (before, now) =>
    (Object.keys(now) as (keyof Props)[]).every((name) => (name === "columns" ? alike(before.columns, now.columns) : before[name] === now[name])),
);

function alike(one: Props["columns"], other: Props["columns"]): boolean {
  return one.length === other.length && one.every((column, at) => column.start === other[at]?.start && column.size === other[at]?.size);
}

interface CellProps {
  cell: Cell | undefined;
  read: boolean;
  at: At;
  left: number;
  width: number;
  active: boolean;
  open: boolean;
  /** Whether it is one of those that are looked for; null where none are. */
  found: boolean | null;
  onActive: (at: At) => void;
  onOpen: (row: number, question: number, quote: boolean) => void;
}

function GridCell({ cell, read, at, left, width, active, open, found, onActive, onOpen }: CellProps) {
  const opened = (event: MouseEvent) => {
    if (cell !== undefined) onOpen(at.row - 1, at.column, event.shiftKey);
  };
  return (
    <div
      className="matrix-cell"
      role="gridcell"
      aria-colindex={at.column + 1}
      aria-current={open ? "true" : undefined}
      data-at={`${at.row}.${at.column}`}
      data-found={found ?? undefined}
      data-state={cell?.status ?? (read ? "missing" : "reading")}
      tabIndex={active ? 0 : -1}
      style={{ left, width }}
      onFocus={() => onActive(at)}
      onClick={opened}
    >
      {read && (
        <>
          <div className="cell-states">
            <CellState cell={cell} />
          </div>
          {cell !== undefined && <CellText cell={cell} />}
        </>
      )}
    </div>
  );
}

/** What the answer says, shortened; read by itself where it came after its row was read. */
export function CellText({ cell }: { cell: Cell }) {
  const kept = useKept(cell.audit_id, cell.text === null);
  const text = cell.text ?? (kept.data === undefined ? null : textOf(kept.data.answer));
  if (text === null && kept.isPending && kept.fetchStatus !== "idle") return <span className="muted">{said.reading}</span>;
  return text === null || text === "" ? null : <span className="clamped cell-text">{text}</span>;
}
