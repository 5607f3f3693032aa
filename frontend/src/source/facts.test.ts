import { expect, test } from "vitest";
import type { Fact } from "../client/types";
import { factValue, setBy } from "./facts";

const found: Fact = {
  kind: "party",
  value: "Kestrel Robotics, Inc.",
  role: "Supplier",
  term: "Kestrel",
  version: 1,
  version_id: "v_Ab-9_cDeFgHiJkLm",
  start: 3,
  end: 25,
  quote: "Kestrel Robotics, Inc.",
  set_by: null,
  set_at: null,
};

test("says what a document calls a party", () => {
  expect(factValue(found)).toBe("Kestrel Robotics, Inc. (Supplier, “Kestrel”)");
  expect(factValue({ ...found, role: "", term: "" })).toBe("Kestrel Robotics, Inc.");
});

test("writes days as people do, and what an expiry was counted from", () => {
  const expiry: Fact = { ...found, kind: "expiry_date", value: "2024-06-01", role: "5 years from 2019-06-01", term: "" };
  expect(factValue(expiry)).toBe("1 Jun 2024 (5 years from 2019-06-01)");
});

test("says who set a fact", () => {
  expect(setBy(found)).toBe("");
  expect(setBy({ ...found, set_by: "user:ana", set_at: "2026-03-01T10:00:00Z" })).toBe("Set by ana on 1 Mar 2026");
});
