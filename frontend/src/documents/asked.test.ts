import { expect, it } from "vitest";
import { AS_USUAL, ariaSort, isNarrowed, readAsked, sortedBy, writeAsked } from "./asked";

it("keeps in the address what is not as usual, and reads it again", () => {
  const asked = { q: "lease 7", sort: "date", order: "desc", kind: "pdf", group: "legal", warnings: "true" } as const;
  expect(Object.values(writeAsked(AS_USUAL)).filter((value) => value !== undefined)).toEqual([]);
  expect(readAsked(writeAsked(asked))).toEqual(asked);
  expect(readAsked({ q: 2024, sort: "colour", order: "up", source: "x" })).toEqual({ ...AS_USUAL, q: "2024" });
});

it("sorts by another column from its usual end, and by the same one the other way round", () => {
  const byDate = sortedBy(AS_USUAL, "date");
  expect([byDate.sort, byDate.order]).toEqual(["date", "desc"]);
  expect(sortedBy(byDate, "date").order).toBe("asc");
  expect(sortedBy(byDate, "title").order).toBe("asc");
  expect(ariaSort(byDate, ["date"])).toBe("descending");
  expect(ariaSort(byDate, ["title", "source"])).toBe("none");
  expect(ariaSort(AS_USUAL, ["title", "source"])).toBe("ascending");
});

it("knows a list that is narrowed from one that is only sorted", () => {
  expect(isNarrowed(sortedBy(AS_USUAL, "date"))).toBe(false);
  expect(isNarrowed({ ...AS_USUAL, kind: "pdf" })).toBe(true);
});
