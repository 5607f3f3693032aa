import { CodePoints } from "../codePoints";

/** Characters of a text without white space, each with the UTF-16 offset that it has in it. */
function solid(text: string): { letters: string; at: number[] } {
  const at: number[] = [];
  let letters = "";
  for (let index = 0; index < text.length; index += 1) {
    if (/\s/.test(text.charAt(index))) continue;
    letters += text.charAt(index);
    at.push(index);
  }
  return { letters, at };
}

/**
 * Where words that were selected in the pane stand in the canonical text, in code points. The pane leaves out empty
 * lines and sets its own breaks, so white space does not count; of several places it is the one that has as many before
 * it as `before`, the text in front of the selection, has. Null where they do not stand in it.
 */
export function locate(text: string, selected: string, before: string): { start: number; end: number } | null {
  const whole = solid(text);
  const wanted = solid(selected).letters;
  if (wanted === "") return null;
  const places = occurrences(whole.letters, wanted);
  const passed = occurrences(solid(before).letters, wanted).length;
  const found = places[Math.min(passed, places.length - 1)];
  if (found === undefined) return null;
  const points = new CodePoints(text);
  const start = whole.at[found] ?? 0;
  const end = (whole.at[found + wanted.length - 1] ?? 0) + 1;
  return { start: pointOf(points, start), end: pointOf(points, end) };
}

function occurrences(text: string, wanted: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) places.push(at);
  return places;
}

/** The code point offset of a UTF-16 offset. */
function pointOf(points: CodePoints, utf16: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (points.toUtf16(middle) < utf16) low = middle + 1;
    else high = middle;
  }
  return low;
}
