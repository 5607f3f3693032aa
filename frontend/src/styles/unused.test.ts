import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

const SOURCES = join(import.meta.dirname, "..");
/** Given by libraries to what they draw. */
const LIBRARIES = /^(react-aria-|recharts-)/;

const files = readdirSync(SOURCES, { recursive: true, encoding: "utf-8" });
const read = (ending: RegExp) => files.filter((file) => ending.test(file) && !file.includes(".test.") && !/^(strings|client)[/\\]/.test(file)).map((file) => readFileSync(join(SOURCES, file), "utf-8"));

/** The classes that the selectors of a style sheet name. */
function classesIn(css: string): string[] {
  const bare = css.replace(/\/\*[\s\S]*?\*\//g, "").replace(/"[^"]*"|url\([^)]*\)/g, "");
  const selectors = [...bare.matchAll(/([^{}]*)\{/g)].map(([, before]) => before ?? "").filter((one) => !one.trim().startsWith("@"));
  return selectors.flatMap((one) => [...one.matchAll(/\.(-?[a-zA-Z_][\w-]*)/g)].map(([, name]) => name ?? ""));
}

/** Every word of the literals of a program, which could be a class, and the beginnings of those that it puts together (`of-${field}`). */
function namesIn(source: string): { whole: string[]; begun: string[] } {
  const [whole, begun]: [string[], string[]] = [[], []];
  const look = (node: ts.Node): void => {
    const literal = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
    if (literal && !ts.isImportDeclaration(node.parent)) whole.push(...(node.text.match(/[a-zA-Z_][\w-]*/g) ?? []));
    if (ts.isTemplateHead(node) || ts.isTemplateMiddle(node)) begun.push(...(/[a-zA-Z][\w-]*-$/.exec(node.text) ?? []));
    ts.forEachChild(node, look);
  };
  look(ts.createSourceFile("x.tsx", source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX));
  return { whole, begun };
}

function unused(css: string[], sources: string[]): string[] {
  const named = sources.map(namesIn);
  const whole = new Set(named.flatMap((one) => one.whole));
  const begun = named.flatMap((one) => one.begun);
  const used = (name: string) => whole.has(name) || LIBRARIES.test(name) || begun.some((one) => name.startsWith(one));
  return [...new Set(css.flatMap(classesIn))].filter((name) => !used(name)).sort();
}

test("every class of a style sheet is named by the page", () => {
  const css = read(/\.css$/);
  expect(css.length).toBeGreaterThan(10);
  expect(css.flatMap(classesIn).length).toBeGreaterThan(300);
  expect(unused(css, read(/\.tsx?$/))).toEqual([]);
}, 30_000);

test("a rule that nothing uses is found", () => {
  const css = ["/* .old {} */ .used,\n.gone:hover > .of-day::after { width: 1.5rem; content: \".x\" } @media (width > 2.5rem) { .lost-2 { top: 0 } }"];
  expect(unused(css, ['<p className={`used of-${field}`} />'])).toEqual(["gone", "lost-2"]);
});

/** What a class is by itself, by its name: the selectors outside of any `@` that are this class and nothing else. */
function ownIn(css: string): string[] {
  const flat = css.replace(/\/\*[\s\S]*?\*\//g, "").replace(/@[^{}]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}/g, "");
  const selectors = [...flat.matchAll(/([^{}]*)\{/g)].flatMap(([, before]) => (before ?? "").split(","));
  return [...new Set(selectors.map((one) => one.trim()).filter((one) => /^\.[\w-]+$/.test(one)))];
}

/** Sheets come with the views that need them and stay: two that mean different things by a class would change each other's. */
test("a class is what one style sheet says", () => {
  const sheets = files.filter((file) => file.endsWith(".css") && !file.endsWith("print.css"));
  const by = new Map<string, string[]>();
  for (const file of sheets) {
    const area = file.replace(/^.*[/\\]/, "").replace(/(-\w+)?\.css$/, ""); // source-text.css belongs to source.css
    for (const name of ownIn(readFileSync(join(SOURCES, file), "utf-8"))) by.set(name, [...new Set([...(by.get(name) ?? []), area])]);
  }
  expect(by.size).toBeGreaterThan(200);
  expect([...by].filter(([, areas]) => areas.length > 1)).toEqual([]);
});
