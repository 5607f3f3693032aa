import { expect, it } from "vitest";
import type { Assumed, Searched } from "../client/types";
import { assumedLines, cautionLine, noAnswerKind, searchedLine, withheldLine } from "./words";

it("says how many sentences were withheld", () => {
  expect(withheldLine(1, false)).toBe("1 sentence was withheld: it did not pass the check against the documents.");
  expect(withheldLine(3, false)).toBe("3 sentences were withheld: they did not pass the check against the documents.");
  expect(withheldLine(1, true)).toBe("1 sentence was withheld: it did not pass the strict check.");
});

it("says what was searched", () => {
  const searched = (documents: number, passages: number): Searched => ({ query: "rent", documents, passages, clues: [] });
  expect(searchedLine(searched(2, 8))).toBe("Searched for “rent” and looked at 8 passages of 2 documents.");
  expect(searchedLine(searched(1, 1))).toBe("Searched for “rent” and looked at 1 passage of 1 document.");
  expect(searchedLine(searched(0, 0))).toBe(
    "Searched for “rent”; nothing came up in the documents that you may read.",
  );
});

it("says which documents were assumed, a line for each ambiguous name", () => {
  const one = (words: string, title: string, version = 1): Assumed => ({
    words,
    title,
    version,
    version_id: "v_Ab-9_cDeFgHiJkLm",
    document_id: title,
    alternatives: 3,
  });
  expect(assumedLines([one("the lease", "A"), one("Acme", "B"), one("the lease", "C", 2)])).toEqual([
    "“the lease” fits 3 documents that you may read. Taken to mean: A (version 1); C (version 2).",
    "“Acme” fits 3 documents that you may read. Taken to mean: B (version 1).",
  ]);
  expect(assumedLines([])).toEqual([]);
});

it("says which citations a caution is about", () => {
  expect(cautionLine({ kind: "redline", words: "The draft has changes.", citations: [1, 3] })).toBe(
    "[1] [3] The draft has changes.",
  );
});

it("never denies what stands below it", () => {
  const kind = (why: string, nearest: number) =>
    noAnswerKind({ why, abstention: { nearest: Array(nearest).fill({}) } } as unknown as Parameters<typeof noAnswerKind>[0]);
  expect(kind("nothing_found", 0)).toBe("nothing");
  expect(kind("nothing_drafted", 2)).toBe("passages");
  expect(kind("not_supported", 2)).toBe("failedOver");
  expect(kind("not_supported", 0)).toBe("failed");
});
