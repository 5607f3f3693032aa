import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

const SOURCES = join(import.meta.dirname, "..");
const SHOWN = new Set(["aria-label", "aria-description", "title", "placeholder", "alt", "label", "name", "lead"]);
/** Names that a value of these attributes has, and no words: of fields, of icons. */
const NAMES = /^[\w-]*$/;

/** Words that a person would read or hear and that do not come out of `strings/`. */
function wordsIn(file: string, text: string): string[] {
  const found: string[] = [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const look = (node: ts.Node): void => {
    if (ts.isJsxText(node) && /\p{L}{2,}/u.test(node.text)) found.push(node.text.trim());
    if (ts.isJsxAttribute(node) && SHOWN.has(node.name.getText()) && node.initializer && ts.isStringLiteral(node.initializer)) {
      const { text: value } = node.initializer;
      const spoken = node.name.getText() !== "name" && node.name.getText() !== "label";
      if (value !== "" && (spoken || !NAMES.test(value))) found.push(value);
    }
    ts.forEachChild(node, look);
  };
  look(source);
  return found.map((words) => `${file}: ${words}`);
}

test("what a person reads stands in strings", () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf-8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".tsx") && !file.includes(".test."));
  expect(files.length).toBeGreaterThan(5);
  expect(files.flatMap((file) => wordsIn(file, readFileSync(join(SOURCES, file), "utf-8")))).toEqual([]);
});

test("words in a component are found", () => {
  expect(wordsIn("x.tsx", `<p title="Two words">Hello there {name} <img alt="A picture" /></p>`)).toHaveLength(3);
  expect(wordsIn("x.tsx", `<p title={words.a} className="two words">{words.b} · 1</p>`)).toEqual([]);
});
