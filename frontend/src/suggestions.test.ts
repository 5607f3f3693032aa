import { expect, it } from "vitest";
import { suggestionsFor } from "./suggestions";

it("offers only what the groups may read, the most specific first", () => {
  expect(suggestionsFor([])).toEqual([]);
  expect(suggestionsFor(["legal", "staff"])[0]).toContain("Brightwater");
  expect(suggestionsFor(["staff"]).join()).not.toContain("Brightwater");
});
