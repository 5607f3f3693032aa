import { describe, expect, it } from "vitest";
import type { Chosen } from "../client/types";
import { inBatches, NOTHING, sizeLine, USUAL_LIMITS, withFiles } from "./chosen";

function file(path: string, size = 1): Chosen {
  const named = new File(["x".repeat(Math.min(size, 10))], path.split("/").at(-1) ?? "");
  Object.defineProperty(named, "size", { value: size });
  return { file: named, path };
}

const paths = (files: Chosen[]) => files.map(({ path }) => path);

describe("withFiles", () => {
  it("keeps one file of a path, the latest", () => {
    const first = withFiles(NOTHING, [file("a.txt", 1), file("b/a.txt", 1)], USUAL_LIMITS);
    const { chosen } = withFiles(first, [file("a.txt", 5)], USUAL_LIMITS);
    expect(paths(chosen)).toEqual(["a.txt", "b/a.txt"]);
    expect(chosen[0]?.file.size).toBe(5);
  });

  it("leaves out what is hidden, empty or too large, and says so once", () => {
    const found = [file("none.txt", 0), file("x/.git/config"), file("~$plan.docx"), file("x/Thumbs.db"), file("big.pdf", 65 * 2 ** 20), file("a.txt")];
    const twice = withFiles(withFiles(NOTHING, found, USUAL_LIMITS), found, USUAL_LIMITS);
    expect(paths(twice.chosen)).toEqual(["a.txt"]);
    expect(twice.leftOut).toHaveLength(5);
    expect(twice.leftOut[0]).toBe("none.txt is empty.");
    expect(twice.leftOut[4]).toBe("big.pdf is too large: 68.2\u00a0MB, at most 67.1\u00a0MB.");
  });
});

describe("inBatches", () => {
  const limits = { files: 2, bytes: 2000, file_bytes: 2000 };

  it("makes one job of what fits, in order", () => {
    expect(inBatches([], limits)).toEqual([]);
    expect(inBatches([file("a"), file("b")], limits).map(paths)).toEqual([["a", "b"]]);
  });

  it("begins another at either limit", () => {
    expect(inBatches([file("a"), file("b"), file("c")], limits).map(paths)).toEqual([["a", "b"], ["c"]]);
    expect(inBatches([file("a", 1000), file("b", 900), file("c", 10)], limits).map(paths)).toEqual([["a"], ["b", "c"]]);
  });

  it("leaves room for what a form needs besides the files", () => {
    expect(inBatches([file("a", 1000), file("b", 1000)], limits)).toHaveLength(2);
  });

  it("still hands in alone what is over the limit by itself, for the service to refuse", () => {
    expect(inBatches([file("a", 5000), file("b")], limits).map(paths)).toEqual([["a"], ["b"]]);
  });
});

it("says how many and how large", () => {
  expect(sizeLine([file("a", 1_500_000)])).toBe("1 file, 1.5\u00a0MB");
  expect(sizeLine(Array.from({ length: 1200 }, (_, at) => file(`${at}`, 10)))).toBe("1,200 files, 12\u00a0kB");
});
