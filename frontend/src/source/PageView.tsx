import { defaultRangeExtractor, useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { LaidOutPage, VersionAsked } from "../client/sources";
import type { Box } from "../client/types";
import { words } from "../strings";
import { PageSheet } from "./PageSheet";
import { GAP, markTop, moved, type Sheet, sheetsOf, topOf } from "./sheets";
import { useWidth } from "./useWidth";

const AHEAD = 2;
const ABOVE = 0.3; // of the view, over the marked lines
const READING = 0.35; // of the view: the page that lies there is the one that is read

export interface Paged {
  asked: VersionAsked;
  title: string;
  /** All pages; where they are not known yet the cited one alone. */
  pages: Pick<LaidOutPage, "page" | "width" | "height">[];
  /** What is shown first. */
  page: number;
  quote: string;
  boxes: Box[];
  context: Box[];
}

interface Props {
  paged: Paged;
  zoom: number | null;
  /** Where the reader wants to go; each call another value. */
  wanted: { page: number } | null;
  onRead: (page: number) => void;
  onRoom: (pixels: number) => void;
  onShown: () => void;
  onFailed: () => void;
}

/** The pages as they are printed, below each other, the marked lines in view. Only those near the view are in the tree. */
export function PageView({ paged, zoom, wanted, onRead, onRoom, onShown, onFailed }: Props) {
  const container = useRef<HTMLDivElement>(null);
  const width = useWidth(container);
  const room = Math.max(width - 2 * GAP, 100);
  const { pages, page, boxes, context, quote } = paged;
  const sheets = useMemo(() => sheetsOf(pages, zoom, room), [pages, zoom, room]);
  const target = sheets.findIndex((sheet) => sheet.page === page);
  const [first, setFirst] = useState<number | null>(null); // the page whose picture came
  const rows = useVirtualizer({
    count: width === 0 ? 0 : sheets.length,
    getScrollElement: () => container.current,
    estimateSize: (index) => (sheets[index]?.height ?? 0) + GAP,
    getItemKey: (index) => sheets[index]?.page ?? index,
    overscan: AHEAD,
    paddingStart: GAP,
    // The cited page stays in the tree while the others come to stand around it: its picture is not asked for twice.
    rangeExtractor: useCallback(
      (range: Parameters<typeof defaultRangeExtractor>[0]) => {
        const near = defaultRangeExtractor(range);
        return target < 0 || near.includes(target) ? near : [...near, target].sort((a, b) => a - b);
      },
      [target],
    ),
  });
  useEffect(() => {
    if (width > 0) onRoom(room);
  }, [width, room, onRoom]);

  useInView({ container, rows, sheets, paged, wanted, ready: width > 0 });

  const line = (rows.scrollOffset ?? 0) + (container.current?.clientHeight ?? 0) * READING;
  const read = rows.getVirtualItemForOffset(line)?.key;
  useEffect(() => {
    if (typeof read === "number") onRead(read);
  }, [read, onRead]);

  return (
    <div ref={container} className="pages" role="region" aria-label={words.source.pages} tabIndex={0}>
      <div className="virtual" style={{ height: topOf(sheets, sheets.length) + GAP, minWidth: widest(sheets) + 2 * GAP }}>
        {rows.getVirtualItems().map(({ index, key, start }) => {
          const sheet = sheets[index] as Sheet;
          const on = (box: Box) => box.page === sheet.page;
          const marked = boxes.some(on);
          return (
            <div key={key} className="virtual-row" style={{ top: start }}>
              <PageSheet
                asked={paged.asked}
                sheet={sheet}
                name={marked && quote !== "" ? words.source.pageMarked(sheet.page, paged.title, quote) : words.source.pageName(sheet.page, paged.title)}
                quote={boxes.filter(on)}
                context={context.filter(on)}
                turn={index === target ? "now" : first === null && target >= 0 ? "later" : "soon"}
                onShown={() => {
                  if (index !== target) return;
                  setFirst(sheet.page);
                  onShown();
                }}
                onFailed={() => {
                  if (index === target) setFirst(sheet.page);
                  onFailed();
                }}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface InView {
  container: RefObject<HTMLDivElement | null>;
  rows: Virtualizer<HTMLDivElement, Element>;
  sheets: Sheet[];
  paged: Paged;
  wanted: Props["wanted"];
  /** Whether the sheets have their size. */
  ready: boolean;
}

/** Scrolls to the marks of another place, and to a page that is wished for; another zoom leaves what is read in its place. */
function useInView({ container, rows, sheets, paged, wanted, ready }: InView) {
  const shown = useRef<(Pick<InView, "paged" | "wanted" | "sheets"> & { top: number }) | null>(null);
  useLayoutEffect(() => {
    const view = container.current;
    const before = shown.current;
    if (view === null || !ready) return;
    if (before?.sheets !== sheets) rows.measure();
    // As it was before what is new was laid out: pages that became smaller may have moved the view by now.
    const down = rows.scrollOffset ?? 0;
    const atMarks = before === null || Math.abs(down - before.top) < 2;
    if (before?.paged !== paged || (before.sheets !== sheets && atMarks)) {
      toMarks(view, sheets, paged);
      shown.current = { paged, wanted, sheets, top: view.scrollTop };
      return;
    }
    if (before.wanted !== wanted && wanted !== null) {
      view.scrollTop = topOf(sheets, sheets.findIndex(({ page }) => page === wanted.page));
    } else if (before.sheets !== sheets) {
      const line = view.clientHeight * READING;
      view.scrollTop = moved(before.sheets, sheets, down + line) - line;
    }
    shown.current = { paged, wanted, sheets, top: before.top };
  }, [container, rows, sheets, paged, wanted, ready]);
}

function toMarks(view: HTMLElement, sheets: Sheet[], { page, boxes }: Paged) {
  const target = sheets.findIndex((sheet) => sheet.page === page);
  const sheet = sheets[target];
  if (sheet === undefined) return;
  view.scrollTop = topOf(sheets, target) + Math.max(0, markTop(sheet, boxes) - view.clientHeight * ABOVE);
  const first = boxes.find((box) => box.page === page);
  if (first === undefined || sheet.points === null) return;
  view.scrollLeft = Math.max(0, (first.x0 / sheet.points.width) * sheet.width - GAP);
}

function widest(sheets: Sheet[]): number {
  return sheets.reduce((most, { width }) => Math.max(most, width), 0);
}
