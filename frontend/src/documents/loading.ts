/** The list is read in pages of this many rows, those that are looked at, wherever they lie. */
export const PAGE_ROWS = 100;
export const MOST_ROWS = 1000; // of one answer

/** Rows [start, end). */
export interface Range {
  start: number;
  end: number;
}

/** The pages that hold these rows of a list; the first one of a list of which nothing is known yet. */
export function pagesOf({ start, end }: Range, total: number | null): number[] {
  if (total === null || total === 0) return [0];
  const last = Math.floor((Math.min(end, total) - 1) / PAGE_ROWS);
  const first = Math.min(Math.floor(start / PAGE_ROWS), Math.max(last, 0));
  return Array.from({ length: Math.max(last - first, 0) + 1 }, (_, at) => first + at);
}

/** Whether one scrolls on to these rows; what lies further is asked for once the scrolling rests. */
export function isNear(before: Range, { start }: Range): boolean {
  return Math.abs(start - before.start) <= 2 * PAGE_ROWS;
}
