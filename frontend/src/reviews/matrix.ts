import type { AnsweredCell, CellStatus, Changed, Review, ReviewCell, ReviewEvent, ReviewRow, SignOff, Wanted } from "../client/reviews";

/** A cell as the matrix shows it. `text`: of its answer, shortened; null where it was not read yet. */
export interface Cell {
  document_id: string;
  question: number;
  status: CellStatus;
  code: string;
  audit_id: string | null;
  version: number | null;
  version_id: string;
  computed_at: string | null;
  text: string | null;
  changed: Changed[];
  /** What people have said of its answer. */
  signed: SignOff[];
}

/** `cells` by question, from 1. Of what is shared, a question may have none. */
export interface Row {
  document_id: string;
  title: string;
  source: string;
  version_id: string;
  cells: ReadonlyMap<number, Cell>;
}

export interface Matrix {
  review: Review | null;
  /** Those that were read so far, in order. */
  rows: readonly Row[];
  /** After which document the rest is read; null where there is no more, undefined before the first page. */
  next: string | null | undefined;
  /** After which event a lost connection goes on. */
  place: string;
  /** Cells as events told them, with the tick at which they did: a page that was asked for earlier knows less. */
  told: ReadonlyMap<string, { tick: number; cell: ReviewCell }>;
  tick: number;
  /** Grows when rows that were read have to be read again: a document came or went, or got another version. */
  outdated: number;
}

export type MatrixAction =
  /** A page of rows after the document `after` ("": from the first), asked for at `tick`. */
  | { type: "read"; after: string; review: Review; rows: ReviewRow[]; next: string | null; tick: number }
  | { type: "told"; events: ReviewEvent[] }
  | { type: "changed"; review: Review }
  /** What was read cannot be gone on with: it is read again from the first row. */
  | { type: "begin" }
  /** These cells are asked again: shown as waiting before the first event says so. */
  | { type: "asked"; document_id: string; questions: number[] }
  /** What holds now of the answer with this id. */
  | { type: "signed"; audit_id: string; signed: SignOff[] };

export const NO_MATRIX: Matrix = { review: null, rows: [], next: undefined, place: "", told: new Map(), tick: 0, outdated: 0 };
const SHOWN_CHARS = 400;

export function reduceMatrix(matrix: Matrix, action: MatrixAction): Matrix {
  switch (action.type) {
    case "read":
      return read(matrix, action);
    case "told":
      return action.events.reduce(tell, { ...matrix, told: new Map(matrix.told), rows: [...matrix.rows] });
    case "changed":
      return stands(matrix, action.review);
    case "begin":
      return { ...matrix, rows: [], next: undefined };
    case "asked":
      return { ...matrix, rows: matrix.rows.map((row) => (row.document_id === action.document_id ? asked(row, action.questions) : row)) };
    case "signed":
      return { ...matrix, rows: matrix.rows.map((row) => signed(row, action.audit_id, action.signed)) };
  }
}

function read(matrix: Matrix, page: Extract<MatrixAction, { type: "read" }>): Matrix {
  // Rows that are looked for go on after one that is perhaps none of them.
  const before = page.after === "" ? 0 : page.after === matrix.next ? matrix.rows.length : placeOf(matrix.rows, page.after) + 1;
  if (page.after !== "" && page.after !== matrix.next && before === 0) return matrix; // its place is gone: read again from the first
  const following = page.next === null ? -1 : placeOf(matrix.rows, page.rows.at(-1)?.document_id ?? "");
  const rest = following < 0 ? [] : matrix.rows.slice(following + 1);
  const rows = page.rows.map((row) => readRow(row, matrix.told, page.tick));
  return {
    ...matrix,
    review: page.review,
    rows: [...matrix.rows.slice(0, before), ...rows, ...rest],
    next: rest.length > 0 ? matrix.next : page.next,
  };
}

function readRow(row: ReviewRow, told: Matrix["told"], tick: number): Row {
  const cells = new Map<number, Cell>();
  for (const cell of row.cells) {
    const later = told.get(keyOf(cell));
    const now = shown(cell);
    cells.set(cell.question, later !== undefined && later.tick > tick ? withEvent(now, later.cell) : now);
  }
  return { document_id: row.document_id, title: row.title, source: row.source, version_id: row.version_id, cells };
}

function shown({ answer, sign_offs, ...cell }: AnsweredCell): Cell {
  const text = answer === null ? (cell.audit_id === null ? "" : null) : textOf(answer);
  return { ...cell, text, signed: sign_offs };
}

/** What a cell says of an answer: its sentences, shortened; "" of an abstention. */
export function textOf(answer: { answer: string; sentences: unknown[] }): string {
  if (answer.sentences.length === 0) return "";
  return answer.answer.length > SHOWN_CHARS ? `${answer.answer.slice(0, SHOWN_CHARS)}…` : answer.answer;
}

/** What came or went, or is of another version now, is told by counts alone: its rows are read again. */
function stands(matrix: Matrix, review: Review): Matrix {
  const before = matrix.review;
  const other = before !== null && (before.documents !== review.documents || stale(before) < stale(review));
  return { ...matrix, review, outdated: matrix.outdated + (other ? 1 : 0) };
}

/** `matrix` is this action's own: its map and its list of rows may be written to. */
function tell(matrix: Matrix, event: ReviewEvent): Matrix {
  const place = event.place === "" ? matrix.place : event.place;
  if (event.type === "review") return { ...stands(matrix, event.review), place };
  const { cell } = event;
  const tick = matrix.tick + 1;
  (matrix.told as Map<string, { tick: number; cell: ReviewCell }>).set(keyOf(cell), { tick, cell });
  const at = placeOf(matrix.rows, cell.document_id);
  const row = matrix.rows[at];
  if (row !== undefined) {
    const before = row.cells.get(cell.question);
    const now = before === undefined ? { ...cell, text: cell.audit_id === null ? "" : null, changed: [], signed: [] } : withEvent(before, cell);
    (matrix.rows as Row[])[at] = { ...row, cells: new Map(row.cells).set(cell.question, now) };
  }
  return { ...matrix, place, tick };
}

/** The answer stays as long as it is the same one. */
function withEvent(cell: Cell, event: ReviewCell): Cell {
  if (cell.audit_id === event.audit_id) return { ...cell, ...event };
  return { ...event, text: event.audit_id === null ? "" : null, changed: [], signed: [] };
}

function asked(row: Row, questions: number[]): Row {
  const cells = new Map(row.cells);
  for (const [question, cell] of row.cells) {
    if (questions.length === 0 || questions.includes(question)) cells.set(question, { ...cell, status: "waiting", code: "" });
  }
  return { ...row, cells };
}

function signed(row: Row, audit_id: string, told: SignOff[]): Row {
  const found = [...row.cells.values()].find((cell) => cell.audit_id === audit_id);
  return found === undefined ? row : { ...row, cells: new Map(row.cells).set(found.question, { ...found, signed: told }) };
}

export function keyOf({ document_id, question }: { document_id: string; question: number }): string {
  return `${document_id}.${question}`;
}

function placeOf(rows: readonly Row[], document_id: string): number {
  return rows.findIndex((row) => row.document_id === document_id);
}

function stale(review: Review): number {
  return review.counts.stale ?? 0;
}

/** Whether a cell is one of those that are looked for, "": all are. The server has the same rule for its rows. */
export function fits(cell: Cell | undefined, wanted: Wanted | ""): boolean {
  if (wanted === "") return true;
  if (cell === undefined) return false;
  if (wanted === "answered") return cell.status === "answered" || cell.status === "partial";
  if (wanted === "unsigned") return cell.audit_id !== null && cell.status !== "failed" && cell.code === "" && cell.signed.length === 0;
  if (wanted === "changed") return cell.status === "stale" || cell.changed.length > 0;
  return cell.status === wanted;
}

/** How many cells have ended, in whatever way. */
export function ended({ cells, counts }: Pick<Review, "cells" | "counts">): number {
  return cells - (counts.waiting ?? 0) - (counts.running ?? 0);
}
