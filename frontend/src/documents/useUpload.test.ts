import { expect, it } from "vitest";
import { USUAL_LIMITS } from "./chosen";
import type { Wishes } from "../client/types";
import { planned } from "./useUpload";

const WISHES = { allow: ["group:legal"], date: "", chunking: "", language: "" } as Wishes;
const chosen = ["a.txt", "b.txt", "c.txt"].map((path) => ({ file: new File([], path), path }));
const limits = { ...USUAL_LIMITS, files: 2 };

it("sends again what was planned, under the keys of before", () => {
  const first = planned(null, chosen, WISHES, limits);
  expect(first.batches.map(({ files }) => files.length)).toEqual([2, 1]);
  expect(new Set(first.batches.map(({ key }) => key)).size).toBe(2);
  expect(planned(first, [...chosen], { ...WISHES }, limits)).toBe(first);
});

it("takes new keys for other files or other wishes", () => {
  const first = planned(null, chosen, WISHES, limits);
  expect(planned(first, chosen.slice(1), WISHES, limits)).not.toBe(first);
  expect(planned(first, chosen, { ...WISHES, allow: ["user:ana"] }, limits)).not.toBe(first);
});
