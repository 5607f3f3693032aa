import { describe, expect, it } from "vitest";
import type { DocumentText, Table } from "../client/sources";
import { type Block, type Grid, Layout, type Line, type Mark, type Marks, NO_MARKS, type Span } from "./layout";

const TEXT = "😀 Terms\n\nOne 𝔉 clause.\nA | B\n7 | 8\n\nSecond page.";

function spanOf(text: string, needle: string): Span {
  const start = [...text.slice(0, text.indexOf(needle))].length;
  return { start, end: start + [...needle].length };
}

const at = (needle: string) => spanOf(TEXT, needle);
const quoting = (needle: string): Marks => ({ quote: at(needle), context: [] });

/** The table of these rows, with the names of a sheet's cells where it has one. */
function tableOf(text: string, rows: string[], sheet = ""): Table {
  const made = rows.map((row, number) => {
    const { start, end } = spanOf(text, row);
    let from = start;
    const cells = row.split("|").map((words, column) => {
      const trimmed = words.trim();
      const first = from + words.indexOf(trimmed);
      from += words.length + 1;
      const cell = sheet === "" ? "" : `${sheet}!${"ABC"[column]}${number + 2}`;
      return { start: first, end: first + trimmed.length, cell };
    });
    return { start, end, cells };
  });
  return { start: made[0]?.start ?? 0, end: made.at(-1)?.end ?? 0, rows: made };
}

const DOCUMENT: DocumentText = {
  document_id: "d",
  version: 1,
  version_id: "v_Ab-9_cDeFgHiJkLm",
  title: "T",
  media_type: "application/pdf",
  text: TEXT,
  start: 0,
  chars: [...TEXT].length,
  pages: [
    { page: 1, start: 0, end: at("7 | 8").end, label: "", bates: "", source: "text" },
    { page: 2, ...at("Second page."), label: "iv", bates: "", source: "ocr" },
  ],
  warnings: [],
  coverage: { text: 1, ocr: 1, unread: 0, blank: 0 },
  language: "en",
  sections: [{ title: "😀 Terms", level: 1, ...at("😀 Terms") }],
  tables: [tableOf(TEXT, ["A | B", "7 | 8"])],
};

function blocksOf(document: DocumentText, marks: Marks): Block[] {
  const layout = new Layout(document);
  return layout.chunks.flatMap((chunk) => layout.blocks(chunk, marks));
}

const linesOf = (blocks: Block[]) => blocks.filter((block): block is Line => block.kind === "line");
const gridsOf = (blocks: Block[]) => blocks.filter((block): block is Grid => block.kind === "grid");
const piecesOf = (block: Block) =>
  block.kind === "line" ? block.pieces : block.rows.flatMap(({ cells }) => cells.flatMap(({ pieces }) => pieces));
const marked = (blocks: Block[], mark: Mark) =>
  blocks.flatMap((block) => piecesOf(block).flatMap((piece) => (piece.mark === mark ? [piece.text] : [])));

describe("Layout", () => {
  it("splits pages and lines and knows headings", () => {
    const layout = new Layout(DOCUMENT);
    expect(layout.chunks.map(({ head }) => head)).toEqual([
      { page: 1, label: "", recognised: false },
      { page: 2, label: "iv", recognised: true },
    ]);
    expect(linesOf(blocksOf(DOCUMENT, NO_MARKS)).map(({ level }) => level)).toEqual([1, 0, 0]);
  });

  it("lays out a table by its cells", () => {
    const [grid] = gridsOf(blocksOf(DOCUMENT, NO_MARKS));
    expect(grid?.rows.map(({ cells }) => cells.map(({ pieces }) => pieces.map(({ text }) => text).join("")))).toEqual([
      ["A", "B"],
      ["7", "8"],
    ]);
    expect(grid?.columns).toEqual([]);
  });

  it("marks exactly the quoted words beyond characters of two units", () => {
    expect(marked(blocksOf(DOCUMENT, quoting("𝔉 clause")), "quote")).toEqual(["𝔉 clause"]);
  });

  it("marks a quote that runs over lines, cells and pages piece by piece", () => {
    const blocks = blocksOf(DOCUMENT, quoting("clause.\nA | B\n7 | 8\n\nSecond"));
    expect(marked(blocks, "quote")).toEqual(["clause.", "A", "B", "7", "8", "Second"]);
  });

  it("tells the cell that is quoted from the heading that it was read with", () => {
    const blocks = blocksOf(DOCUMENT, { quote: at("8"), context: [at("B")] });
    expect([marked(blocks, "quote"), marked(blocks, "context")]).toEqual([["8"], ["B"]]);
    expect(gridsOf(blocks)[0]?.rows.map(({ cells }) => cells.map(({ mark }) => mark))).toEqual([
      ["", "context"],
      ["", "quote"],
    ]);
  });

  it("marks as quoted what is both", () => {
    const blocks = blocksOf(DOCUMENT, { quote: at("𝔉"), context: [at("One 𝔉 clause.")] });
    expect(linesOf(blocks)[1]?.pieces).toEqual([
      { text: "One ", mark: "context" },
      { text: "𝔉", mark: "quote" },
      { text: " clause.", mark: "context" },
    ]);
  });

  it("loses no character of a line", () => {
    const lines = linesOf(blocksOf({ ...DOCUMENT, tables: null }, quoting("ne 𝔉"))).map((line) =>
      piecesOf(line).map(({ text }) => text).join(""),
    );
    expect(lines).toEqual(TEXT.split("\n").filter((line) => line !== ""));
  });

  it("is without page heads where the format has no pages", () => {
    expect(new Layout({ ...DOCUMENT, pages: [] }).chunks).toMatchObject([{ page: null, head: null }]);
  });

  it("finds the chunk of a character in a long page, and loses nothing between chunks", () => {
    const text = Array.from({ length: 900 }, (_, number) => `Line ${number} of a long text 😀.`).join("\n");
    const layout = new Layout({ ...DOCUMENT, text, pages: [], sections: [], tables: null });
    expect(layout.chunks.length).toBeGreaterThan(2);
    expect(layout.chunks.map(({ start, end }) => text.slice(start, end)).join("")).toBe(text);
    const chunk = layout.chunks[layout.indexOf(spanOf(text, "Line 700 ").start)];
    expect(text.slice(chunk?.start, chunk?.end)).toContain("Line 700 ");
  });
});

it("names sheet, columns and rows of a spreadsheet's table", () => {
  const text = "Rents\n\nUnit | Rent\n7 | 500";
  const table = tableOf(text, ["Unit | Rent", "7 | 500"], "'Rents ''25'");
  const sheet = { ...DOCUMENT, text, pages: [], sections: [], tables: [table] };
  const [grid] = gridsOf(blocksOf(sheet, { quote: spanOf(text, "500"), context: [] }));
  expect([grid?.sheet, grid?.columns, grid?.rows.map(({ number }) => number)]).toEqual(["Rents '25", ["A", "B"], ["2", "3"]]);
});

it("keeps the lines of a source file as they are", () => {
  const code = { ...DOCUMENT, media_type: "text/x-python", text: "a: int | None\n\nb = 1", pages: [], sections: [], tables: null };
  expect(linesOf(blocksOf(code, NO_MARKS)).map((line) => piecesOf(line).map(({ text }) => text).join(""))).toEqual([
    "a: int | None",
    "",
    "b = 1",
  ]);
});
