import { expect, it } from "vitest";
import { nextPage, placeOf } from "./loading";

it("asks for nothing that is there", () => {
  expect(nextPage({ head: 100, tail: 0, total: 100_000 }, 0, 60)).toBeNull();
  expect(nextPage({ head: 100, tail: 0, total: 100 }, 60, 130)).toBeNull();
  expect(nextPage({ head: 100, tail: 200, total: 100_000 }, 99_850, 100_000)).toBeNull();
  expect(nextPage({ head: 500, tail: 500, total: 1000 }, 480, 540)).toBeNull();
});

it("goes on from the nearer end, in large steps where it is far", () => {
  const first = { head: 100, tail: 0, total: 100_000 };
  expect(nextPage(first, 80, 140)).toEqual({ end: "head", limit: 200 });
  expect(nextPage(first, 40_000, 40_050)).toEqual({ end: "head", limit: 1000 });
  expect(nextPage(first, 99_950, 100_000)).toEqual({ end: "tail", limit: 200 });
  expect(nextPage(first, 70_000, 70_050)).toEqual({ end: "tail", limit: 1000 });
});

it("ends where both ends meet", () => {
  let loaded = { head: 100, tail: 0, total: 5000 };
  let steps = 0;
  for (let next = nextPage(loaded, 2400, 2450); next !== null; next = nextPage(loaded, 2400, 2450)) {
    loaded = { ...loaded, [next.end]: Math.min(loaded[next.end] + next.limit, loaded.total) };
    steps += 1;
    expect(steps).toBeLessThan(20);
  }
  expect(placeOf(loaded, 2449)).not.toBeNull();
});

it("finds a row from either end", () => {
  const loaded = { head: 100, tail: 200, total: 1000 };
  expect(placeOf(loaded, 99)).toEqual({ end: "head", at: 99 });
  expect(placeOf(loaded, 100)).toBeNull();
  expect(placeOf(loaded, 800)).toEqual({ end: "tail", at: 199 });
  expect(placeOf(loaded, 999)).toEqual({ end: "tail", at: 0 });
  expect(placeOf(loaded, 1000)).toBeNull();
});
