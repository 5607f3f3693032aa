import { expect, test } from "vitest";
import type { DocumentText, LaidOutPage, Version } from "../client/sources";
import { headingsAbove, looksDrawn, pageAt, standingOf } from "./where";

const section = (title: string, level: number, start: number) => ({ title, level, start, end: start + 1 });

test("the headings above a place are those that are still open there", () => {
  const document = {
    sections: [section("Lease", 1, 0), section("Rent", 2, 10), section("Term", 2, 30), section("Notice", 3, 40)],
  } as DocumentText;
  expect(headingsAbove(document, 20)).toEqual(["Lease", "Rent"]);
  expect(headingsAbove(document, 35)).toEqual(["Lease", "Term"]);
  expect(headingsAbove(document, 50)).toEqual(["Lease", "Term", "Notice"]);
});

test("the page of a place is the last one with words that begins before it", () => {
  const page = (number: number, start: number | null) => ({ page: number, start }) as LaidOutPage;
  const pages = [page(1, 0), page(2, null), page(3, 100)];
  expect([pageAt(pages, 99)?.page, pageAt(pages, 100)?.page]).toEqual([1, 3]);
  expect(pageAt([], 5)).toBeNull();
});

test("an old version held until the next one did", () => {
  const version = (number: number, effective: string | null) =>
    ({ version: number, version_id: `v_${number}`, effective, added_at: `2026-0${number}-01` }) as Version;
  const versions = [version(3, null), version(2, "2026-02-15"), version(1, null)];
  expect(standingOf(versions, { version_id: "v_1" })).toMatchObject({ all: 3, until: "2026-02-15" });
  expect(standingOf(versions, { version_id: "2" })).toMatchObject({ shown: versions[1], until: "2026-03-01" });
  expect(standingOf(versions, { version_id: "v_3" })?.until).toBe("");
  expect(standingOf(versions, { version_id: "v_9" })).toBeNull();
});

test("a file's name tells whether its pages can be drawn", () => {
  expect(["a/b.PDF", "scan.tiff", "x.docx", "pdf"].map(looksDrawn)).toEqual([true, true, false, false]);
});
