import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Wanted } from "../client/reviews";
import { words } from "../strings";
import { GridRow } from "./GridRow";
import type { Matrix } from "./matrix";
import { type At, moved } from "./moving";
import { useSizes } from "./useSizes";

const said = words.reviews;

interface Props {
  matrix: Matrix;
  title: string;
  questions: string[];
  /** How many rows there are, read or not. */
  documents: number;
  /** Which cells are looked for; "": all. */
  wanted: Wanted | "";
  /** Rows are wanted up to here. */
  need: (rows: number) => void;
  /** Which cell is open beside the matrix, null: none. */
  open: { document_id: string; question: number } | null;
  /** `quote`: at its first quote. */
  onOpen: (row: number, question: number, quote: boolean) => void;
  onOpenDocument: (row: number) => void;
  /** Grows when the open cell was closed: focus comes back to it. */
  returned: number;
}

/**
 * Documents by questions, drawn as far as they are seen, in both directions. It follows the grid pattern of ARIA: one
 * cell can be reached by Tab, arrow keys move, Enter opens a cell at its quote. Column 0 is the documents, row 0 the questions.
 */
export function MatrixGrid({ matrix, title, questions, documents, wanted, need, open, onOpen, onOpenDocument, returned }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const { first, column, rowHeight, headHeight } = useSizes(scroller, questions.length);
  const [active, setActive] = useState<At>({ row: 1, column: 1 });
  const focusing = useRef(false);

  const rows = useVirtualizer({
    count: documents,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 3,
    scrollPaddingEnd: headHeight, // which lies over it
    rangeExtractor: useCallback((range: Range) => withActive(range, active.row - 1), [active.row]),
  });
  const columns = useVirtualizer({
    horizontal: true,
    count: questions.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => column,
    overscan: 2,
    scrollPaddingEnd: first,
    rangeExtractor: useCallback((range: Range) => withActive(range, active.column - 1), [active.column]),
  });
  useLayoutEffect(() => rows.measure(), [rows, rowHeight]);
  useLayoutEffect(() => columns.measure(), [columns, column]);

  const shownRows = rows.getVirtualItems();
  const last = shownRows.reduce((most, { index }) => (index === active.row - 1 ? most : Math.max(most, index)), 0);
  useEffect(() => need(last + 1), [need, last]);

  const go = useCallback(
    (to: At) => {
      focusing.current = true;
      setActive(to);
      if (to.row > 0) rows.scrollToIndex(to.row - 1);
      if (to.column > 0) columns.scrollToIndex(to.column - 1);
    },
    [rows, columns],
  );
  useEffect(() => {
    if (!focusing.current) return;
    focusing.current = false;
    cellAt(scroller.current, active)?.focus({ preventScroll: true });
  }, [active]);
  const latest = useRef(active);
  latest.current = active;
  useEffect(() => {
    if (returned > 0) cellAt(scroller.current, latest.current)?.focus({ preventScroll: true });
  }, [returned]);
  useFollowOpen(matrix, open, setActive, (to) => {
    rows.scrollToIndex(to.row - 1);
    columns.scrollToIndex(to.column - 1);
  });

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>) {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (active.row === 0) return;
      if (active.column === 0) onOpenDocument(active.row - 1);
      else onOpen(active.row - 1, active.column, event.key === "Enter" && !event.shiftKey);
      return;
    }
    const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 0) - headHeight) / rowHeight) - 1);
    const to = moved(active, event, { rows: documents, columns: questions.length, page });
    if (to === null) return;
    event.preventDefault();
    go(to);
  }

  const shownColumns = columns.getVirtualItems().map(({ index, start, size }) => ({ index, start: start + first, size }));
  const width = first + columns.getTotalSize();
  return (
    <>
      <div
        ref={scroller}
        className="matrix"
        role="grid"
        aria-label={said.matrix(title)}
        aria-rowcount={wanted !== "" && matrix.next !== null ? -1 : documents + 1}
        aria-colcount={questions.length + 1}
        aria-describedby="matrix-help"
        onKeyDown={onKeyDown}
      >
        <div className="matrix-head" role="rowgroup" style={{ width, height: headHeight }}>
          <div role="row" aria-rowindex={1}>
            <div
              className="matrix-corner"
              role="columnheader"
              aria-colindex={1}
              data-at="0.0"
              tabIndex={active.row === 0 && active.column === 0 ? 0 : -1}
              style={{ width: first }}
              onFocus={() => setActive({ row: 0, column: 0 })}
            >
              {said.document}
            </div>
            {shownColumns.map(({ index, start, size }) => (
              <div
                key={index}
                className="matrix-question"
                role="columnheader"
                aria-colindex={index + 2}
                data-at={`0.${index + 1}`}
                tabIndex={active.row === 0 && active.column === index + 1 ? 0 : -1}
                title={questions[index]}
                style={{ left: start, width: size }}
                onFocus={() => setActive({ row: 0, column: index + 1 })}
              >
                <span className="question-number" aria-hidden="true">
                  {index + 1}
                </span>
                <span className="clamped">{questions[index]}</span>
              </div>
            ))}
          </div>
        </div>
        <div className="matrix-body" role="rowgroup" style={{ width, height: rows.getTotalSize() }}>
          {shownRows.map(({ index, start, size }) => (
            <GridRow
              key={index}
              index={index}
              row={matrix.rows[index]}
              top={start}
              height={size}
              first={first}
              columns={shownColumns}
              wanted={wanted}
              active={active.row === index + 1 ? active.column : -1}
              open={open !== null && open.document_id === matrix.rows[index]?.document_id ? open.question : 0}
              onActive={setActive}
              onOpen={onOpen}
              onOpenDocument={onOpenDocument}
            />
          ))}
        </div>
      </div>
      <p className="matrix-help" id="matrix-help">
        {said.help}
      </p>
    </>
  );
}

/** What is seen and the active one, so that focus is not lost when it scrolls away. */
function withActive(range: Range, active: number): number[] {
  const seen = defaultRangeExtractor(range);
  if (active < 0 || active >= range.count || seen.includes(active)) return seen;
  return [...seen, active].sort((a, b) => a - b);
}

function cellAt(scroller: HTMLElement | null, { row, column }: At): HTMLElement | null {
  return scroller?.querySelector<HTMLElement>(`[data-at="${row}.${column}"]`) ?? null;
}

/** The open cell is the active one, also when it is stepped to from beside the matrix. */
function useFollowOpen(matrix: Matrix, open: Props["open"], setActive: (at: At) => void, scroll: (at: At) => void) {
  const shown = useRef("");
  const row = open === null ? -1 : matrix.rows.findIndex(({ document_id }) => document_id === open.document_id);
  const column = open?.question ?? 0;
  const scrolls = useRef(scroll);
  scrolls.current = scroll;
  useEffect(() => {
    const at = `${row}.${column}`;
    if (row < 0 || shown.current === at) return;
    shown.current = at;
    setActive({ row: row + 1, column });
    scrolls.current({ row: row + 1, column });
  }, [row, column, setActive]);
}
