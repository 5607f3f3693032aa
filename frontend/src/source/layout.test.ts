import { describe, expect, it } from "vitest";
import type { DocumentText } from "../client/types";
import { layOut, type Page, type Span } from "./layout";

const TEXT = "😀 Terms\n\nOne 𝔉 clause.\nA | B\n\nSecond page.";
const at = (needle: string): Span => {
  const start = [...TEXT.slice(0, TEXT.indexOf(needle))].length;
  return { start, end: start + [...needle].length };
};
const DOCUMENT: DocumentText = {
  document_id: "d",
  version: 1,
  version_id: "v_Ab-9_cDeFgHiJkLm",
  title: "T",
  media_type: "application/pdf",
  text: TEXT,
  pages: [
    { page: 1, start: 0, end: at("A | B").end, label: "", bates: "", source: "text" },
    { page: 2, ...at("Second page."), label: "iv", bates: "", source: "ocr" },
  ],
  warnings: [],
  coverage: { text: 1, ocr: 1, unread: 0, blank: 0 },
  language: "en",
  tables: [],
  sections: [{ title: "😀 Terms", level: 1, ...at("😀 Terms") }],
};
const quoted = (pages: Page[]) =>
  pages.flatMap((page) => page.lines.flatMap((line) => line.pieces.filter((p) => p.quoted).map((p) => p.text)));

describe("layOut", () => {
  it("splits pages and lines and knows headings and table rows", () => {
    const pages = layOut(DOCUMENT, null);
    expect(pages.map(({ page, lines }) => [page, lines.length])).toEqual([
      [1, 3],
      [2, 1],
    ]);
    expect(pages[0]?.lines.map(({ level, row }) => [level, row])).toEqual([
      [1, false],
      [0, false],
      [0, true],
    ]);
    expect(quoted(pages)).toEqual([]);
  });

  it("marks exactly the quoted words beyond characters of two units", () => {
    expect(quoted(layOut(DOCUMENT, at("𝔉 clause")))).toEqual(["𝔉 clause"]);
  });

  it("marks a quote that runs over lines and pages line by line", () => {
    expect(quoted(layOut(DOCUMENT, at("clause.\nA | B\n\nSecond")))).toEqual(["clause.", "A | B", "Second"]);
  });

  it("loses no character of a line", () => {
    const lines = layOut(DOCUMENT, at("ne 𝔉")).flatMap(({ lines }) =>
      lines.map(({ pieces }) => pieces.map((p) => p.text).join("")),
    );
    expect(lines).toEqual(TEXT.split("\n").filter((line) => line !== ""));
  });

  it("is one page without a number where the format has none", () => {
    expect(layOut({ ...DOCUMENT, pages: [] }, null)).toMatchObject([{ page: null }]);
  });
});

it("keeps the lines of a source file as they are", () => {
  const code = { ...DOCUMENT, media_type: "text/x-python", text: "a: int | None\n\nb = 1", pages: [], sections: [] };
  const lines = layOut(code, null).flatMap((page) => page.lines);
  expect(lines.map((line) => [line.pieces.map((piece) => piece.text).join(""), line.row])).toEqual([
    ["a: int | None", false],
    ["", false],
    ["b = 1", false],
  ]);
});
