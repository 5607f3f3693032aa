import { expect, test } from "vitest";
import { droppedFiles, filesBelow, pickedFiles } from "./dropped";

/** As browsers give them: two entries at a time. */
function entry(name: string, children?: FileSystemEntry[]): FileSystemEntry {
  if (children === undefined) {
    const file = (done: (file: File) => void) => done(new File(["x"], name));
    return { name, isFile: true, isDirectory: false, file } as unknown as FileSystemEntry;
  }
  const createReader = () => {
    const left = [...children];
    return { readEntries: (done: (some: FileSystemEntry[]) => void) => done(left.splice(0, 2)) };
  };
  return { name, isFile: false, isDirectory: true, createReader } as unknown as FileSystemEntry;
}

const FOLDER = entry("deals", [entry("part 10.txt"), entry("part 2.txt"), entry("old", [entry("c.txt"), entry("none", [])]), entry("x.txt")]);
const PATHS = ["deals/old/c.txt", "deals/part 2.txt", "deals/part 10.txt", "deals/x.txt"];

test("reads a folder to its end and in order, however few entries come at a time", async () => {
  expect((await filesBelow(FOLDER, "")).map(({ path }) => path)).toEqual(PATHS);
});

test("takes hold of all that was dropped before the browser forgets it", async () => {
  let over = false;
  const item = (found: FileSystemEntry | null, file: File | null) => ({
    kind: "file",
    webkitGetAsEntry: () => (over ? null : found),
    getAsFile: () => (over ? null : file),
  });
  const text = { kind: "string", webkitGetAsEntry: () => null, getAsFile: () => null };
  const items = [text, item(FOLDER, null), item(entry("e.txt"), new File([], "e.txt")), item(null, new File([], "f.txt"))];
  const reading = droppedFiles({ items } as unknown as DataTransfer);
  over = true;
  expect((await reading).map(({ path }) => path)).toEqual([...PATHS, "e.txt", "f.txt"]);
});

test("keeps the folders of a picked folder", () => {
  const file = new File([], "a.txt");
  Object.defineProperty(file, "webkitRelativePath", { value: "deals/a.txt" });
  expect(pickedFiles([file, new File([], "b.txt")]).map(({ path }) => path)).toEqual(["deals/a.txt", "b.txt"]);
});
