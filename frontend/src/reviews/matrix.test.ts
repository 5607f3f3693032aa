import { expect, test } from "vitest";
import type { AnsweredCell, Review, ReviewCell, ReviewEvent, ReviewRow, SignOff } from "../client/reviews";
import type { Answer } from "../client/types";
import { type Cell, ended, fits, type Matrix, NO_MATRIX, reduceMatrix } from "./matrix";

const REVIEW: Review = {
  id: "r",
  owner: "user:ana",
  title: "Rents",
  questions: ["Rent?", "Notice?"],
  as_of: null,
  live: false,
  strictness: "usual",
  status: "running",
  created_at: "2026-12-01T00:00:00Z",
  documents: 3,
  cells: 6,
  counts: { waiting: 6 },
  shares: [],
};

function cell(document_id: string, question: number, more: Partial<AnsweredCell> = {}): AnsweredCell {
  const plain = { code: "", audit_id: null, version: null, version_id: "", computed_at: null, answer: null, changed: [], sign_offs: [] };
  return { document_id, question, status: "waiting", ...plain, ...more };
}

function row(document_id: string, ...cells: AnsweredCell[]): ReviewRow {
  const told = cells.length > 0 ? cells : [cell(document_id, 1), cell(document_id, 2)];
  return { document_id, title: document_id, source: "", version: 1, version_id: "v", cells: told };
}

function event(document_id: string, question: number, more: Partial<ReviewCell>, place = ""): ReviewEvent {
  const { answer: _none, changed: _nothing, sign_offs: _nobody, ...told } = cell(document_id, question, more);
  return { type: "cell", place, cell: told };
}

function read(matrix: Matrix, after: string, rows: ReviewRow[], next: string | null, tick = matrix.tick): Matrix {
  return reduceMatrix(matrix, { type: "read", after, review: REVIEW, rows, next, tick });
}

const ids = (matrix: Matrix) => matrix.rows.map(({ document_id }) => document_id);
const at = (matrix: Matrix, document_id: string, question: number) =>
  matrix.rows.find((one) => one.document_id === document_id)?.cells.get(question);

test("pages follow each other, and one that is read again takes the place of its rows", () => {
  let matrix = read(read(NO_MATRIX, "", [row("a"), row("b")], "b"), "b", [row("c")], null);
  expect([ids(matrix), matrix.next]).toEqual([["a", "b", "c"], null]);
  matrix = read(matrix, "", [row("a", cell("a", 1, { status: "stale" })), row("b")], "b");
  expect([ids(matrix), matrix.next, at(matrix, "a", 1)?.status]).toEqual([["a", "b", "c"], null, "stale"]);
});

test("a document that went is gone with its row; a page after it changes nothing", () => {
  const matrix = read(read(NO_MATRIX, "", [row("a"), row("b")], "b"), "b", [row("c")], null);
  const now = read(matrix, "", [row("a"), row("c")], null);
  expect([ids(now), now.next]).toEqual([["a", "c"], null]);
  expect(read(now, "b", [row("d")], null)).toBe(now);
});

test("an event fills its cell and keeps the place; the answer is still to be read", () => {
  const matrix = read(NO_MATRIX, "", [row("a")], null);
  const now = reduceMatrix(matrix, { type: "told", events: [event("a", 2, { status: "answered", audit_id: "x" }, "7-0-2")] });
  expect(at(now, "a", 2)).toMatchObject({ status: "answered", audit_id: "x", text: null });
  expect([at(now, "a", 1)?.status, now.place]).toEqual(["waiting", "7-0-2"]);
  expect(at(matrix, "a", 2)?.status).toBe("waiting"); // the one before is as it was
});

test("an answer stays while its cell only changes its state", () => {
  const answer = { answer: "500 euros.", sentences: [{}] } as unknown as Answer;
  const matrix = read(NO_MATRIX, "", [row("a", cell("a", 1, { status: "answered", audit_id: "x", answer }))], null);
  const now = reduceMatrix(matrix, { type: "told", events: [event("a", 1, { status: "stale", audit_id: "x" })] });
  expect(at(now, "a", 1)).toMatchObject({ status: "stale", text: "500 euros." });
});

test("a page that was asked for before an event does not take it back", () => {
  const begun = read(NO_MATRIX, "", [row("a")], "a");
  const asked = begun.tick;
  const told = reduceMatrix(begun, { type: "told", events: [event("b", 1, { status: "answered", audit_id: "x" })] });
  const late = read(told, "a", [row("b")], null, asked);
  expect(at(late, "b", 1)?.status).toBe("answered");
  const fresh = read(told, "a", [row("b", cell("b", 1, { status: "stale", audit_id: "x" }))], null);
  expect(at(fresh, "b", 1)?.status).toBe("stale");
});

test("rows are read again when a document came or went or got another version, not at each cell", () => {
  const matrix = read(NO_MATRIX, "", [row("a")], null);
  const tell = (review: Partial<Review>) =>
    reduceMatrix(matrix, { type: "told", events: [{ type: "review", place: "", review: { ...REVIEW, ...review } }] }).outdated;
  expect(tell({ counts: { answered: 1, waiting: 5 } })).toBe(0);
  expect(tell({ documents: 2 })).toBe(1);
  expect(tell({ counts: { stale: 1, waiting: 5 } })).toBe(1);
});

test("what is asked again waits at once", () => {
  const matrix = read(NO_MATRIX, "", [row("a", cell("a", 1, { status: "failed", code: "no_model" }), cell("a", 2, { status: "answered" }))], null);
  const now = reduceMatrix(matrix, { type: "asked", document_id: "a", questions: [1] });
  expect([at(now, "a", 1)?.status, at(now, "a", 1)?.code, at(now, "a", 2)?.status]).toEqual(["waiting", "", "answered"]);
});

test("what has ended is all that neither waits nor runs", () => {
  expect(ended({ cells: 10, counts: { waiting: 2, running: 1, failed: 3, answered: 4 } })).toBe(7);
});

test("what is signed of an answer is shown at its cell alone", () => {
  const matrix = read(NO_MATRIX, "", [row("a", cell("a", 1, { status: "answered", audit_id: "x" }), cell("a", 2))], null);
  const signed = [{ audit_id: "x", sentence: null, by: "user:ben", at: "", verdict: "approved" as const, words: "" }];
  const now = reduceMatrix(matrix, { type: "signed", audit_id: "x", signed });
  expect([at(now, "a", 1)?.signed, at(now, "a", 2)?.signed]).toEqual([signed, []]);
});

test("where it cannot be gone on with, it begins again, and keeps what events told", () => {
  const told = reduceMatrix(read(NO_MATRIX, "", [row("a")], "a"), { type: "told", events: [event("a", 1, { status: "running" }, "3-0-1")] });
  const now = reduceMatrix(told, { type: "begin" });
  expect([ids(now), now.next, now.place, now.review]).toEqual([[], undefined, "3-0-1", REVIEW]);
});

test("rows that are looked for go on after a document that is none of them", () => {
  let matrix = read(NO_MATRIX, "", [row("a")], "m");
  matrix = read(matrix, "m", [], "q");
  expect([ids(matrix), matrix.next]).toEqual([["a"], "q"]);
  matrix = read(matrix, "q", [row("r")], null);
  expect([ids(matrix), matrix.next]).toEqual([["a", "r"], null]);
});

const CELL: Cell = {
  document_id: "d", question: 1, status: "answered", code: "", audit_id: "x", version: 1, version_id: "v", computed_at: null, text: "", changed: [],
  signed: [],
};
const sign: SignOff = { audit_id: "x", sentence: 1, by: "user:ben", at: "", verdict: "rejected", words: "" };
const change = { document_id: "d", version: 1, title: "", at: "", change: "wrong" as const, by: null, stands: null, reason: "", version_id: "", by_id: "" };

test.each<[string, Partial<Cell>, string[]]>([
  ["an answer", {}, ["answered", "unsigned"]],
  ["part of one, that was rejected", { status: "partial", signed: [sign] }, ["answered"]],
  ["none in the document", { status: "not_found" }, ["not_found", "unsigned"]],
  ["a failure", { status: "failed", code: "process_died", audit_id: null }, ["failed"]],
  ["one that waits", { status: "waiting", audit_id: null }, []],
  ["one that is out of date", { status: "stale" }, ["unsigned", "changed"]],
  ["one whose answer is gone", { status: "stale", code: "answer_gone" }, ["changed"]],
  ["one whose source was found wrong", { changed: [change], signed: [sign] }, ["answered", "changed"]],
])("a cell with %s is found as such", (_name, more, found) => {
  const wanted = ["answered", "not_found", "failed", "unsigned", "changed"] as const;
  expect(wanted.filter((one) => fits({ ...CELL, ...more }, one))).toEqual(found);
});

test("a cell that is not there is found by nothing, and all are where nothing is looked for", () => {
  expect([fits(undefined, "unsigned"), fits(undefined, ""), fits(CELL, "")]).toEqual([false, true, true]);
});
