import { describe, expect, it } from "vitest";
import { leftAsideLine } from "../answer/words";
import { isMeasured, languageName } from "./language";

describe("languages", () => {
  it("names those that no answer is given from", () => {
    expect(["de", "zh", "pt-BR"].map(languageName)).toEqual(["German", "Chinese", "Brazilian Portuguese"]);
    expect(["en", "en-GB", "und", ""].map(languageName)).toEqual(["", "", "", ""]);
    expect(["en", "en-GB", "und", "de"].map(isMeasured)).toEqual([true, true, true, false]);
  });

  it("tells which passages were left aside", () => {
    const aside = [
      { language: "de", name: "German", passages: 0 },
      { language: "fr", name: "French", passages: 2 },
    ];
    expect(leftAsideLine(aside)).toContain("checked in English only: 2 in French.");
    expect(leftAsideLine(aside.slice(0, 1))).toBe("");
  });
});
