import type { LaidOutPage } from "../client/sources";
import type { Box } from "../client/types";

/** The space between two pages, and above the first, in pixels. */
export const GAP = 14;
const PIXELS_A_POINT = 96 / 72;
const A4 = { width: 595, height: 842 };
/** Widths in pixels in which pictures are asked for: few, so that they are found again in the browser's memory. */
const WIDTHS = [500, 700, 1000, 1400, 2000, 2400];
export const STEPS = [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3];

/** A page as it lies on the screen. `width`, `height`: in pixels; `points`: its size, null where it is not known. */
export interface Sheet {
  page: number;
  width: number;
  height: number;
  points: { width: number; height: number } | null;
}

/** All sheets at a zoom (1: as large as printed; null: as wide as `room`, in pixels). */
export function sheetsOf(pages: Pick<LaidOutPage, "page" | "width" | "height">[], zoom: number | null, room: number): Sheet[] {
  const widest = Math.max(...pages.map(({ width }) => width ?? A4.width), 1);
  const scale = scaleOf(zoom, room, widest);
  return pages.map(({ page, width, height }) => {
    const points = width === null || height === null ? null : { width, height };
    const size = points ?? A4;
    return { page, width: Math.round(size.width * scale), height: Math.round(size.height * scale), points };
  });
}

/** Pixels for a point. */
function scaleOf(zoom: number | null, room: number, widest: number): number {
  return zoom === null ? Math.max(room, 1) / widest : zoom * PIXELS_A_POINT;
}

/** The zoom that fits pages into `room`. */
export function fitting(pages: Pick<LaidOutPage, "width">[], room: number): number {
  return scaleOf(null, room, Math.max(...pages.map(({ width }) => width ?? A4.width), 1)) / PIXELS_A_POINT;
}

/** The next larger or smaller step. */
export function stepped(zoom: number, by: 1 | -1): number {
  const found = by === 1 ? STEPS.find((step) => step > zoom * 1.01) : STEPS.findLast((step) => step < zoom * 0.99);
  return found ?? (by === 1 ? (STEPS.at(-1) as number) : (STEPS[0] as number));
}

/** In which width the picture of a sheet is asked for, sharp on a screen of `density` pixels for each. */
export function pictureWidth(width: number, density: number): number {
  return WIDTHS.find((one) => one >= width * density) ?? (WIDTHS.at(-1) as number);
}

/** The place, in pixels from the top of its sheet, that should be seen first. */
export function markTop(sheet: Sheet, boxes: Box[]): number {
  const first = boxes.filter(({ page }) => page === sheet.page).reduce((top, { y0 }) => Math.min(top, y0), Number.POSITIVE_INFINITY);
  if (!Number.isFinite(first) || sheet.points === null) return 0;
  return (first / sheet.points.height) * sheet.height;
}

/** How far down a sheet begins. */
export function topOf(sheets: Sheet[], index: number): number {
  return sheets.slice(0, Math.max(index, 0)).reduce((sum, { height }) => sum + height + GAP, 0);
}

/** Where a point that lay so far down in `before` lies in the same sheets at another zoom. */
export function moved(before: Sheet[], sheets: Sheet[], down: number): number {
  let top = 0;
  const index = before.findIndex(({ height }) => {
    const within = down < top + height + GAP;
    if (!within) top += height + GAP;
    return within;
  });
  const [old, now] = [before[index], sheets[index]];
  if (old === undefined || now === undefined) return topOf(sheets, sheets.length);
  return topOf(sheets, index) + (down - top) * (now.height / old.height);
}
