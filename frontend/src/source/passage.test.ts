import { expect, test } from "vitest";
import type { DocumentText } from "../client/sources";
import { Passage } from "./passage";

const part = (text: string, start: number, chars: number) => Passage.of({ text, start, chars } as DocumentText);

test("words are counted in code points of the whole text, and none stand beyond what is here", () => {
  const words = part("a😀bc", 100, 500);
  expect(words.at({ start: 101, end: 103 })).toBe("😀b");
  expect([words.at({ start: 99, end: 102 }), words.at({ start: 103, end: 105 })]).toEqual([null, null]);
  expect([words.whole, part("a😀bc", 0, 4).whole, part("a😀bc", 0, 5).whole]).toEqual([false, true, false]);
});

test("offsets lead from one count to the other and back", () => {
  const words = part("a😀b😀😀c", 100, 500);
  const offsets = [100, 101, 102, 103, 104, 105, 106];
  expect(offsets.map((one) => words.toUtf16(one))).toEqual([0, 1, 3, 4, 6, 8, 9]);
  expect(offsets.map((one) => words.fromUtf16(words.toUtf16(one)))).toEqual(offsets);
});
