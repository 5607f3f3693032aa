import { describe, expect, it } from "vitest";
import type { ConversationDetail, KeptTurn, RunningAnswer } from "../client/conversations";
import type { Answer, AnswerEvent } from "../client/types";
import { reduceThreads, shownTurns, type Thread, threadOf, underWay } from "./threads";

const answer = (number: number) => ({ status: "answered", sentences: [], citations: [], parts: [], conversation: { id: "c", number } }) as unknown as Answer;

function asked(key: string, id: number, question: string): Thread[] {
  const begun = reduceThreads([], { begun: { key, id: null, turns: [] } });
  return reduceThreads(begun, { thread: key, turn: { type: "asked", id, key: `here-${id}`, question, since: 1000 } });
}

const final: AnswerEvent = { type: "final", seq: 1, answer: answer(1) };

function kept(number: number, change: Partial<KeptTurn> = {}): KeptTurn {
  const at = new Date(number).toISOString();
  return { number, asked_at: at, question: `Q${number}`, asked: `Q${number}`, follow_up: null, as_of: null, narrowed: null, answer: answer(number), changed: [], ...change };
}

const detail = (...history: KeptTurn[]) => ({ id: "c", history }) as unknown as ConversationDetail;

describe("threads", () => {
  it("get their conversation with the first answer, and are found by both names from then on", () => {
    const threads = reduceThreads(asked("new-1", 2, "Why?"), { thread: "new-1", turn: { type: "received", id: 2, event: final } });
    expect(threadOf(threads, "c")).toBe(threads[0]);
    expect(threadOf(threads, "new-1")).toBe(threads[0]);
    expect(threads[0]?.turns[0]?.number).toBe(1);
    expect(reduceThreads(threads, { forgotten: "c" })).toEqual([]);
  });

  it("go on beside each other", () => {
    const two = reduceThreads(asked("a", 1, "A?"), { begun: { key: "b", id: null, turns: [] } });
    const after = reduceThreads(two, { thread: "b", turn: { type: "asked", id: 2, question: "B?" } });
    expect(after[0]).toBe(two[0]);
    expect(after[1]?.turns).toHaveLength(1);
  });
});

describe("shownTurns", () => {
  it("shows what is kept once, as it stands on the page, with what has changed", () => {
    const threads = reduceThreads(asked("new-1", 2, "Q1"), { thread: "new-1", turn: { type: "received", id: 2, event: final } });
    const changed = [{ change: "deleted" }] as unknown as KeptTurn["changed"];
    const turns = shownTurns(detail(kept(1, { changed })), threads[0]?.turns ?? []);
    expect(turns).toHaveLength(1);
    expect(turns[0]).toMatchObject({ key: "here-2", id: 1, changed });
  });

  it("shows closed turns as such, and follow-ups with what was asked", () => {
    const followUp = { words: "Q2", earlier: ["Q1"], asked: "Q2 of Q1", by: "rule" };
    const turns = shownTurns(detail(kept(1, { answer: null, question: null }), kept(2, { follow_up: followUp, asked: "Q2 of Q1", as_of: "2025-01-01" })), []);
    expect(turns[0]).toMatchObject({ closed: true, question: "" });
    expect(turns[1]).toMatchObject({ closed: false, asked: "Q2 of Q1", filter: { asOf: "2025-01-01" } });
  });

  it("does not show what is closed by now from what the page remembers", () => {
    const threads = reduceThreads(asked("new-1", 2, "Q1"), { thread: "new-1", turn: { type: "received", id: 2, event: final } });
    const turns = shownTurns(detail(kept(1, { answer: null, question: null })), threads[0]?.turns ?? []);
    expect(turns).toHaveLength(1);
    expect(turns[0]).toMatchObject({ key: "here-2", closed: true, question: "", answer: null, sentences: [], citations: [] });
  });

  it("shows what a turn was narrowed to and how it was checked; of documents the names that its answer cites", () => {
    const narrowed = { documents: ["d1", "d2"], kinds: ["pdf"], groups: ["legal"], since: null, until: "2026-01-01" };
    const strict = { ...answer(1), strictness: "strict", citations: [{ document_id: "d2", title: "Lease" }] } as unknown as Answer;
    const [turn] = shownTurns(detail(kept(1, { narrowed, as_of: "2025-01-01", answer: strict })), []);
    expect(turn?.filter).toEqual({
      asOf: "2025-01-01", documents: [{ id: "d1", title: "" }, { id: "d2", title: "Lease" }], kinds: ["pdf"], groups: ["legal"], from: "", to: "2026-01-01", strictness: "strict",
    });
  });

  it("puts what is under way behind what is kept, numbered on", () => {
    const turns = shownTurns(detail(kept(1)), asked("c", 7, "On?")[0]?.turns ?? []);
    expect(turns.map(({ id, question }) => [id, question])).toEqual([[1, "Q1"], [2, "On?"]]);
  });
});

describe("underWay", () => {
  const told = (id: string, change: Partial<RunningAnswer> = {}): RunningAnswer => ({
    id, question: id, conversation: "new", turn: null, state: "running", stage: "waiting", place: 2, started_at: "", seconds: 3, ...change,
  });

  it("has each answer once, this page's own as it knows them", () => {
    const threads = reduceThreads(asked("a", 1, "A?"), {
      thread: "a",
      turn: { type: "received", id: 1, event: { type: "status", seq: 1, stage: "writing", place: 0, running: "r1" } },
    });
    const all = underWay(threads, [told("r1"), told("r2", { conversation: "c" }), told("r3", { state: "done" })], 5000);
    expect(all.map(({ running, stage, thread, conversation, since }) => [running, stage, thread, conversation, since])).toEqual([
      ["r1", "writing", "a", null, 1000],
      ["r2", "waiting", "", "c", 2000],
    ]);
  });

  it("does not bring back what was stopped here", () => {
    let threads = reduceThreads(asked("a", 1, "A?"), {
      thread: "a",
      turn: { type: "received", id: 1, event: { type: "status", seq: 1, stage: "writing", place: 0, running: "r1" } },
    });
    threads = reduceThreads(threads, { thread: "a", turn: { type: "stopped", id: 1 } });
    expect(underWay(threads, [told("r1")], 0)).toEqual([]);
  });
});
