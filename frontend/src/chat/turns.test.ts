import { describe, expect, it } from "vitest";
import { Problem } from "../client/problem";
import type { Answer, AnswerEvent, Citation, Sentence } from "../client/types";
import { reduceTurns, statusLine, type LiveTurn as Turn } from "./turns";

const sentence = (text: string): Sentence => ({
  text,
  start: 0,
  end: text.length,
  verdict: "entailed",
  support: 1,
  citations: [1],
  note: "",
  part: 0,
  cautions: [],
});
const citation = { id: 1, title: "Contract" } as Citation;
const answer = { status: "partial", sentences: [sentence("Final.")], citations: [citation] } as Answer;

function play(...events: AnswerEvent[]): Turn[] {
  const asked = reduceTurns([], { type: "asked", id: 1, question: "Why?" });
  return events.reduce((turns, event) => reduceTurns(turns, { type: "received", id: 1, event }), asked);
}

describe("reduceTurns", () => {
  it("collects sentences and citations as they arrive", () => {
    const [turn] = play(
      { type: "citation", seq: 1, citation },
      { type: "sentence", seq: 2, sentence: sentence("One.") },
      { type: "sentence", seq: 3, sentence: sentence("Two.") },
    );
    expect(turn).toMatchObject({
      phase: "running",
      citations: [citation],
      sentences: [{ text: "One." }, { text: "Two." }],
    });
  });

  it("knows the documents of a comparison before its sentences", () => {
    const [turn] = play({ type: "retrieval", seq: 1, passages: 2, titles: ["A", "B"], part_titles: ["A", "B"], sources: [] });
    expect(turn?.partTitles).toEqual(["A", "B"]);
  });

  it("replaces the pieces with the final answer", () => {
    const [turn] = play({ type: "sentence", seq: 1, sentence: sentence("One.") }, { type: "final", seq: 2, answer });
    expect(turn).toMatchObject({ answer, sentences: answer.sentences, citations: answer.citations });
  });

  it("keeps what was shown when the answer is stopped, and takes nothing after that", () => {
    const stopped = reduceTurns(play({ type: "sentence", seq: 1, sentence: sentence("One.") }), {
      type: "stopped",
      id: 1,
    });
    const late = reduceTurns(stopped, { type: "received", id: 1, event: { type: "final", seq: 2, answer } });
    expect(late[0]).toMatchObject({ phase: "stopped", answer: null, sentences: [{ text: "One." }] });
  });

  it("starts afresh on retry", () => {
    const problem = new Problem("Busy", "Wait.", "overloaded");
    const failed = reduceTurns(play({ type: "citation", seq: 1, citation }), { type: "failed", id: 1, problem });
    expect(failed[0]).toMatchObject({ phase: "failed", problem });
    const [turn] = reduceTurns(failed, { type: "retried", id: 1 });
    expect(turn).toMatchObject({ question: "Why?", phase: "running", problem: null, citations: [] });
  });

  it("keeps the checked sentences that are there until the new answer has one", () => {
    const before = play({ type: "citation", seq: 1, citation }, { type: "sentence", seq: 2, sentence: sentence("One.") });
    const received = (turns: Turn[], event: AnswerEvent) => reduceTurns(turns, { type: "received", id: 1, event });
    const again = reduceTurns(reduceTurns(before, { type: "stopped", id: 1 }), { type: "retried", id: 1 });
    expect(again[0]).toMatchObject({ phase: "running", earlier: true, sentences: [{ text: "One." }], citations: [citation] });
    const other = { ...citation, title: "Other" };
    const cited = received(again, { type: "citation", seq: 1, citation: other });
    expect(cited[0]).toMatchObject({ earlier: true, citations: [citation] });
    const first = received(cited, { type: "sentence", seq: 2, sentence: sentence("Two.") });
    expect(first[0]).toMatchObject({ earlier: false, sentences: [{ text: "Two." }], citations: [other] });
  });

  it("tells what is searched in place of the words, and by what it is joined", () => {
    const [turn] = play(
      { type: "status", seq: 1, stage: "waiting", place: 1, running: "r" },
      { type: "status", seq: 2, stage: "searching", place: 0, question: "Who pays the rent?" },
    );
    expect(turn).toMatchObject({ asked: "Who pays the rent?", running: "r" });
  });

  it("leaves other turns alone", () => {
    const two = reduceTurns(play(), { type: "asked", id: 2, question: "And?" });
    const after = reduceTurns(two, { type: "finished", id: 2 });
    expect(after.map(({ phase }) => phase)).toEqual(["running", "done"]);
    expect(after[0]).toBe(two[0]);
  });
});

describe("statusLine", () => {
  it("names the stage and the passages", () => {
    const [before] = play({ type: "status", seq: 1, stage: "searching", place: 0 });
    const [found] = play({ type: "retrieval", seq: 1, passages: 4, titles: [], part_titles: [], sources: [] });
    const [writing] = play(
      { type: "retrieval", seq: 1, passages: 1, titles: [], part_titles: [], sources: [] },
      { type: "status", seq: 2, stage: "writing", place: 0 },
    );
    expect(statusLine(before as Turn)).toBe("Searching the documents you may read…");
    expect(statusLine(found as Turn)).toBe("Searching 4 passages…");
    expect(statusLine(writing as Turn)).toBe("Writing from 1 passage and checking each sentence…");
  });

  it("tells the place in line", () => {
    const third: AnswerEvent = { type: "status", seq: 1, stage: "waiting", place: 3 };
    const [waiting] = play(third);
    const [next] = play(third, { type: "status", seq: 2, stage: "waiting", place: 1 });
    expect(statusLine(waiting as Turn)).toBe("You are number 3 in line…");
    expect(statusLine(next as Turn)).toBe("You are next…");
  });
});
