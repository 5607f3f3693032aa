import type { DocumentText } from "../client/types";
import { CodePoints } from "../codePoints";

export interface Piece {
  text: string;
  quoted: boolean;
}

/** One line of the canonical text. `level` is that of a heading and 0 otherwise; a row is a line of a table. */
export interface Line {
  start: number;
  level: number;
  row: boolean;
  pieces: Piece[];
}

export interface Page {
  page: number | null;
  /** As it is printed, where that is not its number; whether its words were recognised from a picture. */
  label: string;
  recognised: boolean;
  lines: Line[];
}

/** A span of the canonical text in code points. */
export interface Span {
  start: number;
  end: number;
}

/** Whether it is a source file, whose lines stand as they are. */
export function isCode(mediaType: string): boolean {
  return mediaType.startsWith("text/x-") || ["application/sql", "text/javascript"].includes(mediaType);
}

/** The canonical text in pages and lines, cut where the quote begins and ends. Empty lines are left out, but in code. */
export function layOut(document: DocumentText, quote: Span | null): Page[] {
  const code = isCode(document.media_type);
  const points = new CodePoints(document.text);
  const headings = new Map(document.sections.map((s) => [points.toUtf16(s.start), s]));
  const mark = quote === null ? null : { start: points.toUtf16(quote.start), end: points.toUtf16(quote.end) };

  return pageSpans(document, points).map(({ page, label, recognised, start, end }) => ({
    page,
    label,
    recognised,
    lines: lineSpans(document.text, start, end, code).map((line) => {
      const text = document.text.slice(line.start, line.end);
      const heading = headings.get(line.start);
      return {
        start: line.start,
        level: heading?.title === text ? heading.level : 0,
        row: !code && text.includes(" | "),
        pieces: cut(document.text, line, mark),
      };
    }),
  }));
}

/** Pages in UTF-16 offsets; what lies between two pages belongs to the earlier one. */
function pageSpans(document: DocumentText, points: CodePoints): (Span & Omit<Page, "lines">)[] {
  if (document.pages.length === 0) {
    return [{ page: null, label: "", recognised: false, start: 0, end: document.text.length }];
  }
  return document.pages.map(({ page, label, source, start }, index) => {
    const next = document.pages[index + 1];
    return {
      page,
      label: label === String(page) ? "" : label,
      recognised: source === "ocr",
      start: index === 0 ? 0 : points.toUtf16(start),
      end: next === undefined ? document.text.length : points.toUtf16(next.start),
    };
  });
}

function lineSpans(text: string, start: number, end: number, empty: boolean): Span[] {
  const spans: Span[] = [];
  let at = start;
  for (const line of text.slice(start, end).split("\n")) {
    if (empty || line.trim() !== "") spans.push({ start: at, end: at + line.length });
    at += line.length + 1;
  }
  return spans;
}

function cut(text: string, line: Span, mark: Span | null): Piece[] {
  const from = Math.max(line.start, mark?.start ?? line.end);
  const to = Math.min(line.end, mark?.end ?? line.end);
  if (from >= to) return [{ text: text.slice(line.start, line.end), quoted: false }];
  return [
    { text: text.slice(line.start, from), quoted: false },
    { text: text.slice(from, to), quoted: true },
    { text: text.slice(to, line.end), quoted: false },
  ].filter((piece) => piece.text !== "");
}
