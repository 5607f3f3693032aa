import { expect, it } from "vitest";
import { extended, nothing, toggled, withAll, without } from "./selection";

const rows = ["a", "b", "c", "d"].map((document_id) => ({ document_id }));
const ids = ({ chosen }: { chosen: ReadonlyMap<string, unknown> }) => [...chosen.keys()].sort();
const [a, b] = rows as [{ document_id: string }, { document_id: string }];

it("selects and takes back", () => {
  const one = toggled(nothing<typeof a>(), a, 0);
  expect(ids(one)).toEqual(["a"]);
  expect(ids(toggled(one, a, 0))).toEqual([]);
  expect(ids(toggled(one, b, 1))).toEqual(["a", "b"]);
});

it("goes on from the anchor, with what lies between", () => {
  const from = toggled(nothing<typeof a>(), b, 1);
  const on = extended(from, rows.slice(1), 1);
  expect([ids(on), on.anchor]).toEqual([["b", "c", "d"], 1]);
  expect(ids(extended(on, rows.slice(0, 2), 1))).toEqual(["a", "b", "c", "d"]);
});

it("forgets what is gone", () => {
  expect(ids(without(withAll(rows), ["b", "x"]))).toEqual(["a", "c", "d"]);
});
