import { expect, it } from "vitest";
import type { FileWarning } from "../client/types";
import { coverageLine, placeOf, warningBadge, warningLines } from "./reading";

const scan: FileWarning = { kind: "low_confidence", words: "The scan is faint.", page: 3, start: 5, end: 9 };

it("says how pages were read, and no more than their number where all are text", () => {
  expect(coverageLine({ text: 15, ocr: 3, unread: 2, blank: 0 }, 20)).toBe(
    "18 of 20 pages: 15 text, 3 recognised, 2 unread",
  );
  expect(coverageLine({ text: 4, ocr: 0, unread: 0, blank: 0 }, 4)).toBe("4 pages");
  expect(coverageLine({ text: 0, ocr: 0, unread: 0, blank: 0 }, 1)).toBe("1 page");
  expect(coverageLine({ text: 0, ocr: 0, unread: 0, blank: 0 }, null)).toBe("");
});

it("counts warnings, and says each once", () => {
  expect(warningBadge([])).toBe("");
  expect(warningBadge([scan])).toBe("1 warning");
  expect(warningBadge([scan, scan])).toBe("2 warnings");
  expect(warningLines([scan, { ...scan, start: 20 }])).toEqual(["Unsure recognition (page 3): The scan is faint."]);
  expect(warningLines([{ ...scan, words: "Page 3 is faint." }])).toEqual(["Unsure recognition: Page 3 is faint."]);
  expect(warningLines([{ ...scan, page: null }])).toEqual(["Unsure recognition: The scan is faint."]);
});

it("names the cell, or the page as it is printed", () => {
  expect(placeOf({ page: 3, cell: "Rents!B7" })).toBe("Rents!B7");
  expect(placeOf({ page: 6, page_label: "iv", bates: "ABC000123" })).toBe("page iv (6 of the file), ABC000123");
  expect(placeOf({ page: 6, page_label: "6" })).toBe("page 6");
  expect(placeOf({ page: null })).toBe("");
});
