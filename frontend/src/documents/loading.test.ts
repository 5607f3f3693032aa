import { expect, it } from "vitest";
import { isNear, pagesOf } from "./loading";

it("asks for the pages that are looked at, wherever they lie", () => {
  expect(pagesOf({ start: 0, end: 60 }, null)).toEqual([0]);
  expect(pagesOf({ start: 50_000, end: 50_100 }, null)).toEqual([0]);
  expect(pagesOf({ start: 0, end: 60 }, 100_000)).toEqual([0]);
  expect(pagesOf({ start: 60, end: 120 }, 100_000)).toEqual([0, 1]);
  expect(pagesOf({ start: 49_960, end: 50_060 }, 100_000)).toEqual([499, 500]);
  expect(pagesOf({ start: 100, end: 200 }, 100_000)).toEqual([1]);
});

it("asks for nothing beyond the end", () => {
  expect(pagesOf({ start: 99_950, end: 100_090 }, 100_000)).toEqual([999]);
  expect(pagesOf({ start: 500, end: 600 }, 130)).toEqual([1]);
  expect(pagesOf({ start: 0, end: 100 }, 0)).toEqual([0]);
});

it("knows what is scrolled on to from what is jumped to", () => {
  expect(isNear({ start: 0, end: 60 }, { start: 40, end: 100 })).toBe(true);
  expect(isNear({ start: 900, end: 960 }, { start: 800, end: 860 })).toBe(true);
  expect(isNear({ start: 0, end: 60 }, { start: 5000, end: 5060 })).toBe(false);
});
