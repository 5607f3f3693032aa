import type { Difference, DocumentText, Table, TableRow } from "../client/sources";
import { countCodePoints } from "../codePoints";
import type { Span } from "./layout";
import { Passage } from "./passage";
import { headingsAbove } from "./where";

/** Where words of one version stand in another. `same`: they are the same there; else what stands in their place. */
export interface Found {
  span: Span;
  same: boolean;
}

/** So many characters before and after tell places of the same words from each other. */
const AROUND = 200;
/** Shorter words may stand anywhere: of a row that is gone they are not looked for elsewhere. */
const LEAST = 12;

/** The words at `span` of `old` in the text `now`: the same cells of the same row, or the same words. Null for neither. */
export function sameWords(old: DocumentText, span: Span, now: DocumentText): Found | null {
  const quote = Passage.of(old).at(span) ?? "";
  const row = rowAt(old, span);
  const cells = row === null ? null : sameCells(old, row, span, now);
  if (cells !== null) return cells;
  if (even(quote) === "" || (row !== null && even(quote).length < LEAST)) return null;
  return sameText(old, span, quote, now);
}

/** What the comparison of the two versions found in the place of the words. Null: nothing; `undefined`: it does not tell. */
export function putInPlace(differences: Difference[], span: Span): Span | null | undefined {
  const about = differences.filter(({ old }) => old.some((one) => one.start < span.end && span.start < one.end));
  if (about.length === 0) return undefined;
  const place = about.flatMap((one) => one.new)[0];
  return place === undefined ? null : { start: place.start, end: place.end };
}

/** The same words in any white space; of several places the one whose surroundings are most alike. */
function sameText(old: DocumentText, span: Span, quote: string, now: DocumentText): Found | null {
  const pattern = quote.trim().split(/\s+/).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  const places = [...now.text.matchAll(new RegExp(pattern.join(String.raw`\s+`), "g"))];
  const [words, told] = [Passage.of(old), Passage.of(now)];
  const [before, after] = [words.toUtf16(span.start), words.toUtf16(span.end)];
  const heading = headingsAbove(old, span.start).at(-1) ?? "";
  let best: Found | null = null;
  let most = -1;
  for (const { index, 0: found } of places) {
    const [start, end] = [told.fromUtf16(index), told.fromUtf16(index + found.length)];
    const alike =
      alikeFrom(backwards(old.text.slice(Math.max(0, before - AROUND), before)), backwards(now.text.slice(Math.max(0, index - AROUND), index))) +
      alikeFrom(old.text.slice(after, after + AROUND), now.text.slice(index + found.length, index + found.length + AROUND)) +
      ((headingsAbove(now, start).at(-1) ?? "") === heading ? AROUND : 0);
    if (alike > most) [best, most] = [{ span: { start, end }, same: true }, alike];
  }
  return best;
}

interface Row {
  table: Table;
  row: TableRow;
  /** The first and the last column that the words stand in. */
  columns: [number, number];
}

/** The row of a table that holds all of the words. */
function rowAt(document: DocumentText, span: Span): Row | null {
  for (const table of document.tables ?? []) {
    const row = table.rows.find(({ start, end }) => start <= span.start && span.end <= end);
    if (row === undefined) continue;
    const within = row.cells.flatMap(({ start, end }, column) => (start < span.end && span.start < end ? [column] : []));
    return { table, row, columns: [within[0] ?? 0, within.at(-1) ?? 0] };
  }
  return null;
}

/** Cells under the same headers in the row of the same name; of several rows the one most like it. */
function sameCells(old: DocumentText, from: Row, span: Span, now: DocumentText): Found | null {
  const cellsOf = (document: DocumentText, { cells }: TableRow) => cells.map((cell) => even(Passage.of(document).at(cell) ?? ""));
  const [words, heads] = [cellsOf(old, from.row), cellsOf(old, from.table.rows[0] ?? from.row)];
  const name = words.find((one) => one !== "");
  const number = from.table.rows.indexOf(from.row);
  let best: { row: TableRow; columns: [number, number] } | null = null;
  let most = -1;
  for (const table of now.tables ?? []) {
    const others = cellsOf(now, table.rows[0] ?? { start: 0, end: 0, cells: [] });
    const columns = from.columns.map((column) => {
      const named = heads[column] === "" ? -1 : others.indexOf(heads[column] as string);
      return named === -1 ? column : named;
    }) as [number, number];
    const headed = heads.filter((head) => head !== "" && others.includes(head)).length;
    for (const [at, row] of table.rows.entries()) {
      const these = cellsOf(now, row);
      if (name === undefined || these.find((one) => one !== "") !== name || columns[1] >= these.length) continue;
      const same = these.filter((one, column) => one === words[column]).length;
      const alike = 4 * headed + (sheetOf(row) === sheetOf(from.row) ? 4 : 0) + same + 1 / (1 + Math.abs(at - number));
      if (alike > most) [best, most] = [{ row, columns }, alike];
    }
  }
  if (best === null) return null;
  const [first, last] = [best.row.cells[best.columns[0]], best.row.cells[best.columns[1]]];
  if (first === undefined || last === undefined) return null;
  const place = first.start < last.end ? { start: first.start, end: last.end } : { start: best.row.start, end: best.row.end };
  const [before, after] = [Passage.of(old).at(span) ?? "", Passage.of(now).at(place) ?? ""];
  if (even(before) === even(after)) return { span: place, same: true };
  const [cell, part] = [from.row.cells[from.columns[0]], after.indexOf(before)];
  const within = cell !== undefined && cell.start <= span.start && span.end <= cell.end && cell.end - cell.start > span.end - span.start;
  if (!within || before === "" || part === -1) return { span: place, same: false };
  const start = place.start + countCodePoints(after.slice(0, part));
  return { span: { start, end: start + countCodePoints(before) }, same: true };
}

/** The sheet of a spreadsheet that a row is of. */
function sheetOf({ cells }: TableRow): string {
  return cells.find(({ cell }) => cell !== "")?.cell.replace(/!.*$/, "") ?? "";
}

function even(words: string): string {
  return words.trim().replaceAll(/\s+/g, " ");
}

function backwards(words: string): string {
  return [...words].reverse().join("");
}

/** How many characters two texts have in common from their beginning, white space apart. */
function alikeFrom(one: string, other: string): number {
  const [a, b] = [one.replaceAll(/\s+/g, ""), other.replaceAll(/\s+/g, "")];
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}
