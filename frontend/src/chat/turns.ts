import type { Problem } from "../client/problem";
import type { Answer, AnswerEvent, Citation, Sentence, Stage } from "../client/types";

/** One question and what has come back for it so far. `answer` is set by `final` and then replaces the pieces. */
export interface Turn {
  id: number;
  question: string;
  phase: "running" | "done" | "failed" | "stopped";
  stage: Stage | null;
  /** While it waits: the number in line. */
  place: number;
  passages: number | null;
  /** Of a comparison: the document of each part of the question. */
  partTitles: string[];
  sentences: Sentence[];
  citations: Citation[];
  answer: Answer | null;
  problem: Problem | null;
}

export type TurnAction =
  | { type: "asked"; id: number; question: string }
  | { type: "retried"; id: number }
  | { type: "received"; id: number; event: AnswerEvent }
  | { type: "finished"; id: number }
  | { type: "stopped"; id: number }
  | { type: "failed"; id: number; problem: Problem };

export function reduceTurns(turns: Turn[], action: TurnAction): Turn[] {
  if (action.type === "asked") return [...turns, newTurn(action.id, action.question)];
  return turns.map((turn) => (turn.id === action.id ? reduceTurn(turn, action) : turn));
}

function newTurn(id: number, question: string): Turn {
  return {
    id,
    question,
    phase: "running",
    stage: null,
    place: 0,
    passages: null,
    partTitles: [],
    sentences: [],
    citations: [],
    answer: null,
    problem: null,
  };
}

function reduceTurn(turn: Turn, action: Exclude<TurnAction, { type: "asked" }>): Turn {
  switch (action.type) {
    case "retried":
      return newTurn(turn.id, turn.question);
    case "received":
      return turn.phase === "running" ? receive(turn, action.event) : turn;
    case "finished":
      return { ...turn, phase: "done" };
    case "stopped":
      return { ...turn, phase: "stopped" };
    case "failed":
      return { ...turn, phase: "failed", problem: action.problem };
  }
}

function receive(turn: Turn, event: AnswerEvent): Turn {
  switch (event.type) {
    case "status":
      return { ...turn, stage: event.stage, place: event.place };
    case "retrieval":
      return { ...turn, passages: event.passages, partTitles: event.part_titles };
    case "citation":
      return { ...turn, citations: [...turn.citations, event.citation] };
    case "sentence":
      return { ...turn, sentences: [...turn.sentences, event.sentence] };
    case "final":
      return { ...turn, answer: event.answer, sentences: event.answer.sentences, citations: event.answer.citations };
    default:
      return turn;
  }
}

/** What the service is doing, in words. */
export function statusLine({ stage, place, passages }: Turn): string {
  const count = passages === null ? "" : passages === 1 ? "1 passage" : `${passages} passages`;
  switch (stage) {
    case "waiting":
      return place === 1 ? "You are next…" : `You are number ${place} in line…`;
    case "writing":
      return count === "" ? "Writing…" : `Writing from ${count}…`;
    default:
      return count === "" ? "Searching the documents you may read…" : `Searching ${count}…`;
  }
}
