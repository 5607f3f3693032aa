import { expect, test } from "vitest";
import type { Review } from "../client/reviews";
import { aboutOf } from "./Reviews";

const REVIEW: Review = {
  id: "r",
  owner: "user:ana",
  title: "Rents",
  questions: ["What is the rent?"],
  as_of: null,
  live: false,
  strictness: "usual",
  status: "done",
  created_at: "2026-12-01T00:00:00Z",
  documents: 1,
  cells: 1,
  counts: {},
  shares: [],
};

test("a review of strict answers says so", () => {
  expect(aboutOf({ ...REVIEW, strictness: "strict" }, false)).toContain("strict answers");
  expect(aboutOf(REVIEW, false)).not.toContain("strict answers");
});
