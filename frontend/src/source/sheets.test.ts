import { expect, test } from "vitest";
import { fitting, GAP, markTop, moved, pictureWidth, sheetsOf, stepped, topOf } from "./sheets";

const PAGES = [
  { page: 1, width: 595, height: 842 },
  { page: 2, width: 842, height: 595 },
  { page: 3, width: null, height: null },
];

test("the widest page fits the room, and the others are as large as they are beside it", () => {
  const sheets = sheetsOf(PAGES, null, 421);
  expect(sheets.map(({ width }) => width)).toEqual([298, 421, 298]);
  expect(sheets[2]?.points).toBeNull();
});

test("at 100 % a point is as large as it is printed", () => {
  expect(sheetsOf(PAGES, 1, 421)[0]).toMatchObject({ width: 793, height: 1123 });
  expect(fitting([{ width: 720 }], 960)).toBe(1);
});

test("zoom goes by steps from wherever it stands, and ends at the last one", () => {
  expect([stepped(0.62, 1), stepped(0.62, -1), stepped(1, 1), stepped(3, 1), stepped(0.5, -1)]).toEqual([0.67, 0.5, 1.25, 3, 0.5]);
});

test("pictures come in few widths, each sharp enough", () => {
  expect([pictureWidth(480, 1), pictureWidth(501, 1), pictureWidth(501, 2), pictureWidth(5000, 2)]).toEqual([500, 700, 1400, 2400]);
});

test("what is seen first is the uppermost box of the page", () => {
  const sheet = { page: 2, width: 300, height: 421, points: { width: 600, height: 842 } };
  const box = (page: number, y0: number) => ({ page, x0: 0, x1: 9, y0, y1: y0 + 9 });
  expect(markTop(sheet, [box(1, 10), box(2, 400), box(2, 200)])).toBe(100);
  expect(markTop(sheet, [])).toBe(0);
});

test("what is read keeps its place in its page at another zoom, also far down", () => {
  const many = Array.from({ length: 600 }, (_, index) => ({ page: index + 1, width: 600, height: 800 }));
  const [small, large] = [sheetsOf(many, null, 300), sheetsOf(many, null, 600)];
  expect(topOf(small, 500)).toBe(500 * (400 + GAP));
  expect(moved(small, large, topOf(small, 500) + 100)).toBe(topOf(large, 500) + 200);
  expect(moved(small, large, 1e9)).toBe(topOf(large, 600));
});
