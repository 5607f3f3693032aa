import { expect, it } from "vitest";
import { AS_USUAL, ariaSort, filtersOf, isCrossed, isNarrowed, readAsked, sortedBy, writeAsked } from "./asked";

it("keeps in the address what is not as usual, and reads it again", () => {
  const asked = {
    q: "lease 7", sort: "date", order: "desc", kind: "pdf", label: "group:legal", language: "de-CH", from: "2024-01-01", to: "2024-12-31", warnings: "true",
  } as const;
  expect(Object.values(writeAsked(AS_USUAL)).filter((value) => value !== undefined)).toEqual([]);
  expect(readAsked(writeAsked(asked))).toEqual(asked);
  expect(readAsked({ q: 2024, sort: "colour", order: "up", source: "x" })).toEqual({ ...AS_USUAL, q: "2024" });
  expect(readAsked({ label: "legal", language: "?", from: "2024", to: "2024-13-01" })).toEqual(AS_USUAL);
});

it("still knows a group of an older address, and writes it as it is written now", () => {
  const asked = readAsked({ group: "legal" });
  expect(asked.label).toBe("group:legal");
  expect(writeAsked(asked)).toMatchObject({ label: "group:legal", group: undefined });
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
  expect(isNarrowed({ ...AS_USUAL, q: "lease" })).toBe(true);
  expect(isNarrowed({ ...AS_USUAL, to: "2024-01-01" })).toBe(true);
  expect(filtersOf({ ...AS_USUAL, q: "lease", warnings: "true", language: "de" })).toEqual(["language", "warnings"]);
  expect(isCrossed({ ...AS_USUAL, from: "2024-02-01", to: "2024-01-31" })).toBe(true);
  expect(isCrossed({ ...AS_USUAL, from: "2024-02-01" })).toBe(false);
});
