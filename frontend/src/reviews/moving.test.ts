import { expect, test } from "vitest";
import { moved, step } from "./moving";

const SIZE = { rows: 40, columns: 3, page: 5 };
const press = (key: string, more = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, ...more });

test.each([
  ["ArrowRight", {}, { row: 2, column: 3 }],
  ["ArrowUp", {}, { row: 1, column: 2 }],
  ["Home", {}, { row: 2, column: 0 }],
  ["End", {}, { row: 2, column: 3 }],
  ["Home", { ctrlKey: true }, { row: 1, column: 0 }],
  ["End", { ctrlKey: true }, { row: 40, column: 3 }],
  ["PageDown", {}, { row: 7, column: 2 }],
  ["PageUp", {}, { row: 1, column: 2 }],
  ["ArrowDown", { ctrlKey: true }, { row: 40, column: 2 }],
])("%s %o", (key, more, to) => {
  expect(moved({ row: 2, column: 2 }, press(key, more), SIZE)).toEqual(to);
});

test("at the edge nothing moves, and other keys are not the grid's", () => {
  expect(moved({ row: 0, column: 2 }, press("ArrowUp"), SIZE)).toBeNull();
  expect(moved({ row: 40, column: 2 }, press("PageDown"), SIZE)).toBeNull();
  expect(moved({ row: 2, column: 2 }, press("a"), SIZE)).toBeNull();
  expect(moved({ row: 2, column: 2 }, press("ArrowLeft", { altKey: true }), SIZE)).toBeNull();
});

test("steps go through a row, then on in the next one", () => {
  expect(step({ row: 1, column: 3 }, 1, SIZE)).toEqual({ row: 2, column: 1 });
  expect(step({ row: 2, column: 1 }, -1, SIZE)).toEqual({ row: 1, column: 3 });
  expect(step({ row: 1, column: 1 }, -1, SIZE)).toBeNull();
  expect(step({ row: 40, column: 3 }, 1, SIZE)).toBeNull();
});
