import { expect, it } from "vitest";
import { extended, nothing, toggled, withAll, without } from "./selection";

const rows = ["a", "b", "c", "d"].map((document_id) => ({ document_id }));
const ids = ({ chosen }: { chosen: ReadonlyMap<string, unknown> }) => [...chosen.keys()].sort();
const rowAt = (at: number) => rows[at];
const [a, b] = rows as [{ document_id: string }, { document_id: string }];

it("selects and takes back", () => {
  const one = toggled(nothing<typeof a>(), a, 0);
  expect(ids(one)).toEqual(["a"]);
  expect(ids(toggled(one, a, 0))).toEqual([]);
  expect(ids(toggled(one, b, 1))).toEqual(["a", "b"]);
});

it("goes on from the anchor in both directions, over rows that are known", () => {
  const from = toggled(nothing<typeof a>(), b, 1);
  expect(ids(extended(from, rowAt, 3))).toEqual(["b", "c", "d"]);
  expect(ids(extended(extended(from, rowAt, 2), rowAt, 0))).toEqual(["a", "b", "c"]);
  expect(ids(extended(from, (at) => (at === 2 ? undefined : rows[at]), 3))).toEqual(["b", "d"]);
  expect(ids(extended(nothing<typeof a>(), rowAt, 2))).toEqual(["c"]);
});

it("forgets what is gone", () => {
  expect(ids(without(withAll(rows), ["b", "x"]))).toEqual(["a", "c", "d"]);
});
