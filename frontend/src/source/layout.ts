import type { DocumentText, Table, TableRow } from "../client/sources";
import { Passage } from "./passage";

/** A span of the canonical text: code points as the server counts them, unless it says otherwise. */
export interface Span {
  start: number;
  end: number;
}

/** What is marked in a text: the quote, and what it was read with. */
export interface Marks {
  quote: Span | null;
  context: Span[];
}

export const NO_MARKS: Marks = { quote: null, context: [] };

export type Mark = "quote" | "context" | "";

export interface Piece {
  text: string;
  mark: Mark;
}

/** A line of the canonical text; `start` in UTF-16 units, `at` in code points of the whole text; `level`: how deep a heading lies, from 1, and 0 otherwise. */
export interface Line {
  kind: "line";
  start: number;
  at: number;
  level: number;
  pieces: Piece[];
}

export interface GridCell {
  start: number;
  mark: Mark;
  pieces: Piece[];
}

/** Rows of a table. `sheet`, `columns` and `number`: as a spreadsheet names them; "" and none in other formats. */
export interface Grid {
  kind: "grid";
  start: number;
  sheet: string;
  columns: string[];
  rows: { start: number; number: string; cells: GridCell[] }[];
}

export type Block = Line | Grid;

export interface PageHead {
  page: number;
  /** As it is printed, where that is not its number; whether its words were recognised from a picture. */
  label: string;
  recognised: boolean;
}

/** What is laid out at once, in UTF-16 units: a page, or a part of one that is long. `head`: where a page begins. */
export interface Chunk extends Span {
  page: number | null;
  head: PageHead | null;
}

const LONGEST = 6000;

/** Whether it is a source file, whose lines stand as they are. */
export function isCode(mediaType: string): boolean {
  return mediaType.startsWith("text/x-") || ["application/sql", "text/javascript"].includes(mediaType);
}

/** A canonical text in chunks, each laid out only when it is looked at: a document may have thousands of pages. */
export class Layout {
  readonly chunks: Chunk[];
  private readonly points: Passage;
  private readonly code: boolean;
  private readonly headings: Map<number, { title: string; level: number }>;
  private readonly tables: (Span & { table: Table; rows: Map<number, TableRow> | null })[];

  constructor(private readonly document: DocumentText) {
    this.points = Passage.of(document);
    this.code = isCode(document.media_type);
    const sections = depths(document.sections).filter(({ start }) => start >= document.start);
    this.headings = new Map(sections.map((section) => [this.points.toUtf16(section.start), section]));
    this.tables = (document.tables ?? []).map((table) => ({ ...this.units(table), table, rows: null }));
    this.chunks = this.pages().flatMap((page) => this.parts(page));
  }

  /** The chunk in which a character lies. */
  indexOf(codePoint: number): number {
    const at = this.points.toUtf16(codePoint);
    return Math.max(0, this.chunks.findLastIndex(({ start }) => start <= at));
  }

  /** Lines and tables of a chunk, cut where marks begin and end. Empty lines are left out, but in code. */
  blocks(chunk: Chunk, marks: Marks): Block[] {
    const marked = { quote: marks.quote && this.units(marks.quote), context: marks.context.map((span) => this.units(span)) };
    const blocks: Block[] = [];
    let open: Grid | null = null;
    for (const line of this.lines(chunk)) {
      const found = this.tables.find(({ start, end }) => start <= line.start && line.start < end);
      if (found === undefined) {
        open = null;
        blocks.push(this.line(line, marked));
        continue;
      }
      if (open === null || line.start === found.start) {
        open = { kind: "grid", start: line.start, ...namesOf(found.table), rows: [] };
        blocks.push(open);
      }
      found.rows ??= new Map(found.table.rows.map((row) => [this.points.toUtf16(row.start), row]));
      const row = found.rows.get(line.start);
      if (row !== undefined) open.rows.push(this.row(row, marked));
    }
    return blocks;
  }

  private row(row: TableRow, marks: Marks): Grid["rows"][number] {
    const cells = row.cells.map((cell) => {
      const pieces = cut(this.document.text, this.units(cell), marks);
      const has = (mark: Mark) => pieces.some((piece) => piece.mark === mark);
      return { start: cell.start, pieces, mark: has("quote") ? "quote" : has("context") ? "context" : ("" as Mark) };
    });
    return { start: row.start, number: /\d+$/.exec(row.cells.find(({ cell }) => cell !== "")?.cell ?? "")?.[0] ?? "", cells };
  }

  private line(line: Span, marks: Marks): Line {
    const heading = this.headings.get(line.start);
    const level = heading?.title === this.document.text.slice(line.start, line.end) ? heading.level : 0;
    return { kind: "line", start: line.start, at: this.points.fromUtf16(line.start), level, pieces: cut(this.document.text, line, marks) };
  }

  private units({ start, end }: Span): Span {
    return { start: this.points.toUtf16(start), end: this.points.toUtf16(end) };
  }

  /** Pages in UTF-16 units; what lies between two belongs to the earlier one. */
  private pages(): Chunk[] {
    const { pages, text } = this.document;
    if (pages.length === 0) return [{ page: null, head: null, start: 0, end: text.length }];
    return pages.map(({ page, label, source, start }, index) => {
      const next = pages[index + 1];
      return {
        page,
        head: { page, label: label === String(page) ? "" : label, recognised: source === "ocr" },
        start: index === 0 ? 0 : this.points.toUtf16(start),
        end: next === undefined ? text.length : this.points.toUtf16(next.start),
      };
    });
  }

  /** A page cut at line ends where it is too long to be laid out at once. */
  private parts(page: Chunk): Chunk[] {
    const parts: Chunk[] = [];
    for (let start = page.start; start < page.end || parts.length === 0; ) {
      const line = page.end - start > LONGEST ? this.document.text.indexOf("\n", start + LONGEST) : -1;
      const end = line === -1 || line >= page.end ? page.end : line + 1;
      parts.push({ page: page.page, head: start === page.start ? page.head : null, start, end });
      start = end;
    }
    return parts;
  }

  private lines({ start, end }: Span): Span[] {
    const spans: Span[] = [];
    let at = start;
    for (const line of this.document.text.slice(start, end).replace(/\n$/, "").split("\n")) {
      if (this.code || line.trim() !== "") spans.push({ start: at, end: at + line.length });
      at += line.length + 1;
    }
    return spans;
  }
}

/** Headings with how many stand above them, and 1: a level that a document leaves out is none to whoever reads. */
function depths(sections: DocumentText["sections"]): { title: string; start: number; level: number }[] {
  const open: number[] = [];
  return sections.map(({ title, start, level }) => {
    while ((open.at(-1) ?? 0) >= level) open.pop();
    open.push(level);
    return { title, start, level: open.length };
  });
}

/** Sheet and columns of a table in a spreadsheet, by the names of its cells. */
function namesOf(table: Table): Pick<Grid, "sheet" | "columns"> {
  const widest = table.rows.reduce((most, row) => (row.cells.length > most.cells.length ? row : most), table.rows[0] ?? { cells: [] });
  const names = widest.cells.map(({ cell }) => /^(?:(.*)!)?([A-Z]+)\d+$/.exec(cell));
  if (names.some((name) => name === null)) return { sheet: "", columns: [] };
  const sheet = (names[0]?.[1] ?? "").replace(/^'(.*)'$/, "$1").replaceAll("''", "'");
  return { sheet, columns: names.map((name) => name?.[2] ?? "") };
}

/** A span of the text in pieces, each wholly in the quote, in its context, or in neither; all in UTF-16 units. */
function cut(text: string, { start, end }: Span, marks: Marks): Piece[] {
  const spans = [...(marks.quote === null ? [] : [marks.quote]), ...marks.context];
  const edges = spans.flatMap((span) => [span.start, span.end]).filter((edge) => edge > start && edge < end);
  const steps = [...new Set([start, ...edges.sort((a, b) => a - b), end])];
  const within = (span: Span | null, at: number) => span !== null && span.start <= at && at < span.end;
  return steps.slice(0, -1).map((from, index) => ({
    text: text.slice(from, steps[index + 1]),
    mark: within(marks.quote, from) ? "quote" : marks.context.some((span) => within(span, from)) ? "context" : "",
  }));
}
