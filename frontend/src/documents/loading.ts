/**
 * The list comes page by page from its first end and, once somebody looks there, from its last: how many rows of each are
 * there. What lies between is asked for from the end that is nearer.
 */
export interface Loaded {
  head: number;
  tail: number;
  total: number;
}

export interface NextPage {
  end: "head" | "tail";
  limit: number;
}

export const FIRST_ROWS = 100;
const MORE_ROWS = 200;
export const MOST_ROWS = 1000; // of one answer
/** From here on it is walked in the largest steps that there are. */
const FAR = 400;

/** What to ask for next so that the rows [start, end) are there; null where they are, or where there are none left. */
export function nextPage({ head, tail, total }: Loaded, start: number, end: number): NextPage | null {
  const last = Math.min(end, total);
  const from = total - tail; // where the rows from the last end begin
  if (last <= head || start >= from || head >= from) return null;
  const ahead = last - head;
  const back = from - Math.max(start, head);
  const [side, way] = ahead <= back ? (["head", ahead] as const) : (["tail", back] as const);
  return { end: side, limit: way > FAR ? MOST_ROWS : MORE_ROWS };
}

/** Which row of which end stands at a place of the list. */
export function placeOf({ head, tail, total }: Loaded, at: number): { end: "head" | "tail"; at: number } | null {
  if (at < head) return { end: "head", at };
  const back = total - 1 - at;
  return back >= 0 && back < tail ? { end: "tail", at: back } : null;
}
