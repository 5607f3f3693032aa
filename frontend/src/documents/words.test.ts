import { expect, test } from "vitest";
import { chunkingLine, keptFor } from "./words";

test("says how a document is cut, unless it is cut as most are", () => {
  expect(chunkingLine("structure")).toBe("");
  expect(chunkingLine("semantic+summary")).toBe("Passages: by subject, with a summary");
  expect(chunkingLine("of-tomorrow")).toBe("Passages: of-tomorrow");
});

test("says for how long a deleted document can be restored", () => {
  expect(keptFor(30)).toBe("It can be restored for 30 days.");
  expect(keptFor(1)).toBe("It can be restored for one day.");
  expect(keptFor(0)).toBe("This cannot be undone.");
});
