import { describe, expect, it } from "vitest";
import { CodePoints, countCodePoints } from "./codePoints";

/** The definition: what Python's `text[start:end]` gives. */
const reference = (text: string, start: number, end: number) => [...text].slice(start, end).join("");

describe("CodePoints", () => {
  const texts = ["", "plain", "£1,250 “quoted” é", "😀", "a😀b𝔉c", "😀😀x😀", "e\u0301 👩‍⚕️ 𝟙𝟚𝟛.", "\ud83d lone"];

  it.each(texts)("slices %j as Python does", (text) => {
    const points = new CodePoints(text);
    for (let start = 0; start <= points.length; start += 1) {
      for (let end = start; end <= points.length; end += 1) {
        expect(points.slice(start, end)).toBe(reference(text, start, end));
      }
    }
  });

  it("moves offsets beyond the text to its ends", () => {
    expect(new CodePoints("a😀").toUtf16(99)).toBe(3);
    expect(new CodePoints("a😀").toUtf16(-1)).toBe(0);
  });
});

it("counts code points, as the server's limits do", () => {
  expect(countCodePoints("a😀b")).toBe(3);
});
