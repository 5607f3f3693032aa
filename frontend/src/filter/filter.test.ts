import { describe, expect, it } from "vitest";
import { words } from "../strings";
import { type Filter, isEmpty, isValid, NO_FILTER, toQuery } from "./filter";

const FULL: Filter = {
  asOf: "2025-03-01",
  documents: [
    { id: "a", title: "Lease" },
    { id: "b", title: "Deed" },
    { id: "c", title: "Note" },
  ],
  kinds: ["pdf", "lease"],
  groups: ["legal"],
  from: "2024-01-01",
  to: "",
  strictness: "strict",
};

describe("toQuery", () => {
  it("gives the fields of a question", () => {
    expect(toQuery(FULL)).toEqual({
      as_of: "2025-03-01",
      documents: ["a", "b", "c"],
      kinds: ["pdf", "lease"],
      groups: ["legal"],
      dates: { from: "2024-01-01" },
      strictness: "strict",
    });
  });

  it("leaves out what narrows nothing, since the server refuses empty lists", () => {
    expect(toQuery(NO_FILTER)).toEqual({});
    expect(isEmpty(NO_FILTER)).toBe(true);
    expect(isEmpty({ ...NO_FILTER, to: "2024-01-01" })).toBe(false);
  });
});

it("knows days that are crossed", () => {
  expect(isValid({ ...NO_FILTER, from: "2024-01-02", to: "2024-01-01" })).toBe(false);
  expect(isValid({ ...NO_FILTER, from: "2024-01-01", to: "2024-01-01" })).toBe(true);
});

it("is summed up in a line", () => {
  expect([NO_FILTER, { ...NO_FILTER, strictness: "strict" as const }, { ...NO_FILTER, asOf: "2025-03-01", strictness: "strict" as const }].map(words.filter.line)).toEqual(["", "Check: strict", "Only: as of 1 Mar 2025; check: strict"]);
  expect(words.filter.summary({ ...NO_FILTER, documents: [{ id: "a", title: "" }] })).toBe("1 document");
  expect(words.filter.summary(NO_FILTER)).toBe("");
  expect(words.filter.summary(FULL)).toBe("3 documents; PDF, lease; of legal; dated from 1 Jan 2024; as of 1 Mar 2025; check: strict");
  expect(words.filter.summary({ ...NO_FILTER, documents: FULL.documents.slice(0, 1), to: "2024-01-01" })).toBe("“Lease”; dated to 1 Jan 2024");
});
