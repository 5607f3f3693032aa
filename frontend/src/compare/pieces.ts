import { CodePoints } from "../codePoints";

/** Characters [start, end) of a version, in code points. */
export interface Changed {
  start: number;
  end: number;
}

interface Place extends Changed {
  quote: string;
}

export interface Piece {
  start: number;
  text: string;
  changed: boolean;
}

/** A quote in pieces, each wholly of words that changed or of words that did not. `changed`: in the order of the text. */
export function pieces(place: Place, changed: Changed[]): Piece[] {
  const points = new CodePoints(place.quote);
  const found: Piece[] = [];
  let at = place.start;
  const take = (end: number, isChanged: boolean) => {
    if (end <= at) return;
    found.push({ start: at, text: points.slice(at - place.start, end - place.start), changed: isChanged });
    at = end;
  };
  for (const { start, end } of changed) {
    if (end <= place.start || start >= place.end) continue;
    take(Math.max(start, place.start), false);
    take(Math.min(end, place.end), true);
  }
  take(place.end, false);
  return found;
}
