import { expect, test } from "vitest";
import { words } from "../strings";
import { chunkingLine, kindName, uploadedName } from "./words";

test("says how a document is cut, unless it is cut as most are", () => {
  expect(chunkingLine("structure")).toBe("");
  expect(chunkingLine("semantic+summary")).toBe("Passages: by subject, with a summary");
  expect(chunkingLine("of-tomorrow")).toBe("Passages: of-tomorrow");
});

test("counts what a list has", () => {
  expect(words.documents.counts(1)).toBe("1 document");
  expect(words.documents.counts(100_000)).toBe("100,000 documents");
});

test("says for how long a deleted document can be restored", () => {
  expect([30, 1, 0].map(words.documents.remove.restorable)).toEqual([
    "It can be restored for 30 days.",
    "It can be restored for one day.",
    "This cannot be undone.",
  ]);
});

test("names a kind of file by its media type", () => {
  const word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
  expect(["application/pdf", word, "text/csv", "image/png", "application/x-odd"].map(kindName)).toEqual([
    "PDF",
    "Word",
    "Spreadsheet",
    "Image",
    "File",
  ]);
});

test("knows under which name another version is handed in, if it was oneself who uploaded it", () => {
  expect(uploadedName("upload/ana/deals/a.pdf", "ana")).toBe("deals/a.pdf");
  expect(uploadedName("upload/anabel/a.pdf", "ana")).toBe("");
  expect(uploadedName("files/a.pdf", "ana")).toBe("");
});
