import { useVirtualizer, defaultRangeExtractor, type Range } from "@tanstack/react-virtual";
import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import "../styles/grid.css";

export interface Column {
  id: string;
  header: ReactNode;
  sort?: "ascending" | "descending" | "none";
}

/** What a row shows: a cell for each column, in their order. */
export interface Row {
  cells: ReactNode[];
  selected?: boolean;
  className?: string;
}

/** What is done from outside: moves the focus to a row, or as near as there is one; shows the first rows. */
export interface GridHandle {
  focusRow: (index: number) => void;
  toTop: () => void;
}

interface Props {
  /** The table's name. */
  name: string;
  /** The id of an element that says which keys there are. */
  describedBy: string;
  columns: Column[];
  /** The column that names its row. */
  rowHeader: string;
  /** How many rows there are, whether they have been read or not. */
  count: number;
  /** In rem. */
  rowHeight: number;
  /** `active`: it is the one row of the table that Tab reaches, with what can be done in it. */
  row: (index: number, active: boolean) => Row;
  /** A key that does not move: whether something was done with it. */
  onKey: (event: KeyboardEvent, index: number) => boolean;
  /** A row, outside of what can be pressed in it. */
  onPress?: (event: MouseEvent, index: number) => void;
  onSeen?: (range: { start: number; end: number }) => void;
  layout: string;
  selectable?: boolean;
  busy?: boolean;
  ref?: Ref<GridHandle>;
}

const OVERSCAN = 12;
const ASKED_AHEAD = 40;
const CONTROLS = "button, input, a[href]";

/**
 * A table of any length of which the page holds the rows that are seen and a few more. One row at a time is reached by
 * Tab; arrow keys, Page Up and Down, Home and End go on from there, Right and Left to what can be done in a row.
 */
export function VirtualGrid(props: Props) {
  const { columns, count, rowHeight, row, layout, onSeen } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const [headHeight, setHeadHeight] = useState(0);
  const [chosen, setActive] = useState(0);
  const wantsFocus = useRef(false);
  const active = Math.min(chosen, Math.max(count - 1, 0));
  const [oneRem] = useState(rem);
  const height = rowHeight * oneRem;
  const extract = useCallback(
    (range: Range) => [...new Set([...defaultRangeExtractor(range), active])].filter((at) => at < count).sort((a, b) => a - b),
    [active, count],
  );
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: OVERSCAN,
    rangeExtractor: extract,
    scrollMargin: headHeight,
    scrollPaddingStart: headHeight,
  });

  useLayoutEffect(() => setHeadHeight(head.current?.offsetHeight ?? 0), [layout, columns.length]);
  useLayoutEffect(() => virtual.measure(), [virtual, height]);
  useEffect(() => {
    if (wantsFocus.current) rowOf(scroller.current, active)?.focus({ preventScroll: true });
    wantsFocus.current = false;
  });
  const first = virtual.range?.startIndex ?? 0;
  const last = virtual.range?.endIndex ?? 0;
  useEffect(() => onSeen?.({ start: Math.max(first - ASKED_AHEAD, 0), end: last + ASKED_AHEAD }), [onSeen, first, last]);

  const focusRow = useCallback(
    (index: number) => {
      const to = Math.max(0, Math.min(index, count - 1));
      if (count === 0) return;
      virtual.scrollToIndex(to, { align: "auto" });
      const there = rowOf(scroller.current, to);
      if (there !== null) there.focus({ preventScroll: true });
      wantsFocus.current = there === null;
      setActive(to);
    },
    [virtual, count],
  );
  const toTop = useCallback(() => {
    setActive(0);
    scroller.current?.scrollTo(0, 0);
  }, []);
  useImperativeHandle(props.ref, () => ({ focusRow, toTop }), [focusRow, toTop]);

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>) {
    const target = event.target as HTMLElement;
    const at = indexOf(scroller.current, target);
    if (at === null || event.defaultPrevented) return;
    const page = Math.max(1, Math.floor((event.currentTarget.clientHeight - headHeight) / height) - 1);
    const to = moved(event, at, page, count);
    const onRow = target.dataset.index !== undefined;
    if (to !== null) focusRow(to);
    else if (event.key === "ArrowRight" || event.key === "ArrowLeft") alongRow(target, event.key === "ArrowRight");
    else if (event.key === "Escape" && !onRow) focusRow(at);
    else if (!(onRow && props.onKey(event, at))) return;
    event.preventDefault();
    event.stopPropagation();
  }

  function onClick(event: MouseEvent<HTMLDivElement>) {
    const target = event.target as HTMLElement;
    const at = indexOf(scroller.current, target);
    if (at === null) return;
    setActive(at);
    if (target.closest(`${CONTROLS}, label`) !== null || getSelection()?.isCollapsed === false) return;
    props.onPress?.(event, at);
  }

  return (
    <div
      ref={scroller}
      className="grid"
      role="grid"
      data-layout={layout}
      aria-label={props.name}
      aria-describedby={props.describedBy}
      aria-rowcount={count + 1}
      aria-colcount={columns.length}
      aria-multiselectable={props.selectable === true ? true : undefined}
      aria-busy={props.busy === true}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onFocus={({ target }) => {
        const at = indexOf(scroller.current, target);
        if (at !== null) setActive(at);
      }}
    >
      <div className="grid-head" role="rowgroup" ref={head}>
        <div className="grid-row" role="row" aria-rowindex={1}>
          {columns.map(({ id, header, sort }) => (
            <div key={id} className="grid-cell" role="columnheader" data-column={id} aria-sort={sort}>
              {header}
            </div>
          ))}
        </div>
      </div>
      <div className="grid-body" role="rowgroup" style={{ height: count * height }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const shown = row(index, index === active);
          return (
            <div
              key={index}
              className={`grid-row ${shown.className ?? ""}`.trim()}
              role="row"
              data-index={index}
              tabIndex={index === active ? 0 : -1}
              aria-rowindex={index + 2}
              aria-selected={props.selectable === true ? shown.selected === true : undefined}
              style={{ height, transform: `translateY(${start - headHeight}px)` }}
            >
              {shown.cells.map((cell, at) => {
                const id = columns[at]?.id ?? "";
                return (
                  <div key={id} className="grid-cell" role={id === props.rowHeader ? "rowheader" : "gridcell"} data-column={id}>
                    {cell}
                  </div>
                );
              })}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** To which row a key moves from one; null for a key that does not. */
export function moved(event: Pick<KeyboardEvent, "key" | "altKey" | "metaKey">, at: number, page: number, count: number): number | null {
  if (event.altKey || event.metaKey) return null;
  const steps: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: count - 1,
  };
  const to = steps[event.key];
  return to === undefined ? null : Math.max(0, Math.min(to, count - 1));
}

/** From a row to the first thing in it that can be pressed, on to the next one, and back. */
function alongRow(target: HTMLElement, forward: boolean) {
  const row = target.closest<HTMLElement>("[data-index]");
  if (row === null) return;
  const stops = [row, ...row.querySelectorAll<HTMLElement>(CONTROLS)].filter((one) => one === row || one.offsetParent !== null);
  stops[stops.indexOf(target) + (forward ? 1 : -1)]?.focus();
}

function rowOf(scroller: HTMLElement | null, index: number): HTMLElement | null {
  return scroller?.querySelector<HTMLElement>(`[data-index="${index}"]`) ?? null;
}

/** Null for what lies outside of the rows: the header, or a menu that a row has opened elsewhere in the page. */
function indexOf(scroller: HTMLElement | null, target: HTMLElement): number | null {
  const row = target.closest<HTMLElement>("[data-index]");
  return row === null || scroller?.contains(row) !== true ? null : Number(row.dataset.index);
}

function rem(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
}
