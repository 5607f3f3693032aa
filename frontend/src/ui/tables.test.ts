import { expect, test } from "vitest";
import { pageOf, readSort, sorted, writeSort } from "./tables";

const ROWS = [
  { name: "Unit 10", at: 2 },
  { name: "unit 9", at: null },
  { name: "Ámos", at: 7 },
  { name: "Unit 9", at: 2 },
];

test("rows are sorted as people read them, in both directions", () => {
  const names = (descending: boolean) => sorted(ROWS, ({ name }) => name, descending).map(({ name }) => name);
  expect(names(false)).toEqual(["Ámos", "unit 9", "Unit 9", "Unit 10"]);
  expect(names(true)).toEqual(["Unit 10", "unit 9", "Unit 9", "Ámos"]);
});

test("what has nothing there comes last, and what is alike keeps its order", () => {
  const at = (descending: boolean) => sorted(ROWS, (row) => row.at, descending).map(({ name }) => name);
  expect(at(false)).toEqual(["Unit 10", "Unit 9", "Ámos", "unit 9"]);
  expect(at(true)).toEqual(["Ámos", "Unit 10", "Unit 9", "unit 9"]);
});

test("the sort of an address is one of a column that there is", () => {
  const usual = { by: "name", descending: false };
  for (const sort of [usual, { by: "at", descending: true }]) expect(readSort(writeSort(sort), ["name", "at"], usual)).toEqual(sort);
  for (const odd of [undefined, "", "-", "other", 3]) expect(readSort(odd, ["name", "at"], usual)).toEqual(usual);
});

test.each([
  [1, 1, [0, 1]],
  [3, 3, [4]],
  [99, 3, [4]],
  [-1, 1, [0, 1]],
  [Number.NaN, 1, [0, 1]],
])("page %s of five rows in pages of two is page %s", (asked, page, rows) => {
  expect(pageOf([0, 1, 2, 3, 4], asked, 2)).toEqual({ rows, page, pages: 3 });
});

test("nothing is one empty page", () => expect(pageOf([], 4, 50)).toEqual({ rows: [], page: 1, pages: 1 }));
