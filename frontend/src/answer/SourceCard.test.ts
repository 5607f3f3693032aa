import { expect, test } from "vitest";
import type { Version } from "../client/sources";
import { versionLine } from "./SourceCard";

const version = (number: number, change: Partial<Version> = {}): Version =>
  ({ version: number, version_id: `v${number}`, current: false, date: null, effective: null, added_at: "2026-01-05T23:30:00Z", ...change }) as Version;
const KNOWN = [version(1, { date: "2024-05-31" }), version(2, { effective: "2025-03-01" }), version(3, { current: true })];
const of = (number: number, known = KNOWN) => versionLine({ version: number, version_id: `v${number}` }, known);

test("a version is told by its number alone until its day is known", () => {
  expect(of(2, [])).toBe("Version 2");
  expect(versionLine({ version: 2, version_id: "another" }, KNOWN)).toBe("Version 2");
});

test("its day is the one it bears, else from which it holds, else that on which it was added", () => {
  expect(of(1)).toBe("Version 1 of 31 May 2024. There is a newer one: version 3 of 5 January 2026");
  expect(of(2)).toBe("Version 2 of 1 March 2025. There is a newer one: version 3 of 5 January 2026");
  expect(of(3)).toBe("Version 3 of 5 January 2026, the newest");
});

test("a version from behind the one that holds is not told to be the newest", () => {
  expect(of(3, [version(2, { current: true, date: "2025-03-01" }), version(3, { effective: "2027-01-01" })])).toBe("Version 3 of 1 January 2027");
});

test("where no version holds any more, none is told to be newer", () => {
  expect(of(1, [version(1, { date: "2024-05-31" })])).toBe("Version 1 of 31 May 2024");
});
