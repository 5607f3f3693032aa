import { expect, test } from "vitest";
import { chunkingLine, countLine, keptFor } from "./words";

test("says how a document is cut, unless it is cut as most are", () => {
  expect(chunkingLine("structure")).toBe("");
  expect(chunkingLine("semantic+summary")).toBe("Passages: by subject, with a summary");
  expect(chunkingLine("of-tomorrow")).toBe("Passages: of-tomorrow");
});

test("counts what a list has, and what of it is shown", () => {
  expect(countLine(1, 1)).toBe("1 document");
  expect(countLine(0, 0)).toBe("0 documents");
  expect(countLine(50, 100_000)).toBe("100,000 documents, 50 shown");
});

test("says for how long a deleted document can be restored", () => {
  expect(keptFor(30)).toBe("It can be restored for 30 days.");
  expect(keptFor(1)).toBe("It can be restored for one day.");
  expect(keptFor(0)).toBe("This cannot be undone.");
});
