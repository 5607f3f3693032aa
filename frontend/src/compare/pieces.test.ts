import { expect, test } from "vitest";
import { readAsked } from "./asked";
import { pieces } from "./pieces";

const QUOTE = "Within 😀 thirty days.";
const place = { start: 100, end: 100 + [...QUOTE].length, quote: QUOTE };

test("cuts a quote at the words that changed, and loses nothing", () => {
  const found = pieces(place, [{ start: 109, end: 115 }]);
  expect(found.map(({ text, changed }) => [text, changed])).toEqual([
    ["Within 😀 ", false],
    ["thirty", true],
    [" days.", false],
  ]);
});

test("words of other quotes and empty ones mark nothing", () => {
  const found = pieces(place, [{ start: 0, end: 50 }, { start: 105, end: 105 }, { start: 500, end: 501 }]);
  expect(found.map(({ text, changed }) => [text, changed])).toEqual([
    [QUOTE.slice(0, 5), false],
    [QUOTE.slice(5), false],
  ]);
});

test("the address names two versions, and kinds that there are", () => {
  const id = "0b0e7e6a-1f7b-4a52-9a39-0d1f3a0c1234";
  const asked = readAsked({ old: `${id}.1`, new: `${id}.v_AbCd-EfGh_IjKl12`, only: "date,amount,nonsense" });
  expect(asked).toMatchObject({ old: { version_id: "1" }, now: { document_id: id }, only: ["amount", "date"] });
  expect(readAsked({ old: `${id}.1` })).toBeNull();
  expect(readAsked({ old: `${id}.1`, new: "x" })).toBeNull();
});
