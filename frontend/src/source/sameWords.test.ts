import { expect, test } from "vitest";
import type { Difference, DocumentText, Table } from "../client/sources";
import { Passage } from "./passage";
import { putInPlace, sameWords } from "./sameWords";

interface Made {
  text: string;
  tables?: Table[];
  sections?: [string, number][];
}

function made({ text, tables = [], sections = [] }: Made): DocumentText {
  const told = sections.map(([title, level]) => ({ title, level, ...at(text, title) }));
  return { text, start: 0, chars: [...text].length, tables, sections: told } as unknown as DocumentText;
}

function at(text: string, words: string, from = 0) {
  const start = [...text.slice(0, text.indexOf(words, from))].length;
  return { start, end: start + [...words].length };
}

/** A table of the lines that hold a bar, with the names of a sheet's cells where it has one. */
function tableOf(text: string, lines: string[], sheet = "", row = 1): Table {
  const rows = lines.map((line, number) => {
    const { start } = at(text, line);
    let from = start;
    const cells = line.split("|").map((words, column) => {
      const first = from + (words.length - words.trimStart().length);
      from += words.length + 1;
      return { start: first, end: first + words.trim().length, cell: sheet && `${sheet}!${"ABCD"[column]}${row + number}` };
    });
    return { start, end: start + line.length, cells };
  });
  return { start: rows[0]?.start ?? 0, end: rows.at(-1)?.end ?? 0, rows };
}

/** The words that are found in `now` for the first `words` of `old`, and whether they are the same. */
function found(old: Made, words: string, now: Made, from = 0): [string | null, boolean] | null {
  const told = sameWords(made(old), at(old.text, words, from), made(now));
  return told && [Passage.of(made(now)).at(told.span), told.same];
}

test("the same words are found wherever their lines break, and in code points", () => {
  const old = { text: "1. Term\nThe term is three\nyears. 😀" };
  const now = { text: "😀😀 New preamble.\n1. Term\nThe term is\nthree years. 😀" };
  expect(found(old, "The term is three\nyears.", now)).toEqual(["The term is\nthree years.", true]);
  expect(found(old, "1. Term", { text: "Nothing of it." })).toBeNull();
  expect(found({ text: "What is a (b)? x" }, "a (b)?", { text: "It is a (b)? y" })).toEqual(["a (b)?", true]);
});

test("of several places the one with the same surroundings is taken", () => {
  const text = "Rent\nNotice is 30 days.\nDeposit\nNotice is 30 days.\nEnd";
  const old = { text, sections: [["Rent", 1], ["Deposit", 1]] as [string, number][] };
  const longer = { text: `Scope\nNotice is 30 days.\n${text}`, sections: [["Scope", 1], ...old.sections] as [string, number][] };
  const second = text.indexOf("Notice", 10);
  const told = sameWords(made(old), at(text, "Notice is 30 days.", second), made(longer));
  expect(told?.span.start).toBe(longer.text.lastIndexOf("Notice"));
});

const HEAD = "Item | 2024 | 2025";
const sheet = (rows: string[], name = "") => {
  const text = ["Costs", HEAD, ...rows].join("\n");
  return { text, tables: [tableOf(text, [HEAD, ...rows], name)] };
};

test("a cell is found in the row of the same name, under the same header", () => {
  const old = sheet(["Pumps | 100 | 200", "Valves | 100 | 200"], "Plan");
  expect(found(old, "200", sheet(["Hoses | 1 | 200", "Pumps | 100 | 200", "Valves | 100 | 250"], "Plan"), old.text.indexOf("Valves"))).toEqual(["250", false]);
  expect(found(old, "200", sheet(["Hoses | 1 | 2", "Pumps | 110 | 200"], "Plan"))).toEqual(["200", true]);
  expect(found(old, "Pumps | 100 | 200", sheet(["Pumps | 100 | 201"]))).toEqual(["Pumps | 100 | 201", false]);
});

test("a column that moved is found by its header, and a row that is gone nowhere", () => {
  const old = sheet(["Pumps | 100 | 200"]);
  const text = "Item | Unit | 2024 | 2025\nPumps | pc | 100 | 220";
  expect(found(old, "100", { text, tables: [tableOf(text, text.split("\n"))] })).toEqual(["100", true]);
  expect(found(old, "200", sheet(["Valves | 100 | 200"]))).toBeNull();
});

test("some words of a cell are found in it, whatever else it says", () => {
  const old = sheet(["Pumps | Net 30 days | 5"]);
  expect(found(old, "30 days", sheet(["Pumps | Net 30 days from invoice | 5"]))).toEqual(["30 days", true]);
  expect(found(old, "30 days", sheet(["Pumps | Net 60 days | 5"]))).toEqual(["Net 60 days", false]);
});

test("a comparison tells what stands in the place of words", () => {
  const place = (start: number) => ({ start, end: start + 10 });
  const one = (old: number[], now: number[]) => ({ old: old.map(place), new: now.map(place) }) as unknown as Difference;
  const differences = [one([0], [0]), one([50], [70, 90]), one([80], [])];
  expect(putInPlace(differences, { start: 55, end: 58 })).toEqual({ start: 70, end: 80 });
  expect(putInPlace(differences, { start: 85, end: 88 })).toBeNull();
  expect(putInPlace(differences, { start: 30, end: 40 })).toBeUndefined();
});
