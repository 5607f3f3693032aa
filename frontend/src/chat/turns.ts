import type { Changed } from "../client/types";
import type { Problem } from "../client/problem";
import type { Answer, AnswerEvent, Citation, Sentence, Stage } from "../client/types";
import { type Filter, NO_FILTER } from "../filter/filter";
import { noAnswerKind } from "../answer/words";
import { words } from "../strings";

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

/** A turn as a conversation has it. */
export interface LiveTurn extends Turn {
  /** The same as long as the page shows it. */
  key: string;
  /** Its number in its conversation, once it is kept there. */
  number: number | null;
  /** What was searched, where it is not what was typed; else "". */
  asked: string;
  /** What it was narrowed to. */
  filter: Filter;
  /** It was asked from elsewhere: what it was narrowed to is not known before it is kept. */
  elsewhere: boolean;
  /** By what the answer is joined again while it is under way; "" where it ends with this page. */
  running: string;
  /** When it began, in ms since 1970. */
  since: number;
  /** What is shown is of the answer before; it makes room for the first sentence of this one. */
  earlier: boolean;
  /** Citations of this answer, while `earlier` ones are shown. */
  arrived: Citation[];
  /** What has become since of the versions that it rests on. */
  changed: Changed[];
  /** It was kept, and cannot be opened any more. */
  closed: boolean;
}

export type TurnAction =
  | { type: "asked"; id: number; question: string; key?: string; filter?: Filter; running?: string; since?: number; elsewhere?: boolean }
  | { type: "retried"; id: number; filter?: Filter }
  | { type: "received"; id: number; event: AnswerEvent }
  | { type: "finished"; id: number }
  | { type: "stopped"; id: number }
  | { type: "failed"; id: number; problem: Problem }
  /** It broke off on this page, and was finished and kept all the same. */
  | { type: "kept"; id: number; number: number };

export function reduceTurns(turns: LiveTurn[], action: TurnAction): LiveTurn[] {
  if (action.type === "asked") return [...turns, newTurn(action)];
  return turns.map((turn) => (turn.id === action.id ? reduceTurn(turn, action) : turn));
}

type Begun = Pick<LiveTurn, "id" | "question"> & { key?: string; filter?: Filter; running?: string; since?: number; elsewhere?: boolean };

export function newTurn({ id, question, key = String(id), filter = NO_FILTER, running = "", since = Date.now(), elsewhere = false }: Begun): LiveTurn {
  return {
    id,
    key,
    question,
    filter,
    running,
    since,
    elsewhere,
    phase: "running",
    stage: null,
    place: 0,
    passages: null,
    partTitles: [],
    sentences: [],
    citations: [],
    answer: null,
    problem: null,
    number: null,
    asked: "",
    earlier: false,
    arrived: [],
    changed: [],
    closed: false,
  };
}

function reduceTurn(turn: LiveTurn, action: Exclude<TurnAction, { type: "asked" }>): LiveTurn {
  switch (action.type) {
    case "retried":
      return again(turn, action.filter ?? turn.filter);
    case "received":
      return turn.phase === "running" ? receive(turn, action.event) : turn;
    case "finished":
      return { ...turn, phase: "done", earlier: false };
    case "stopped":
      return ended(turn, { ...turn, phase: "stopped" });
    case "failed":
      return ended(turn, { ...turn, phase: "failed", problem: action.problem });
    case "kept":
      return { ...turn, number: action.number };
  }
}

/** Whatever breaks off behind the whole answer: that is there, and kept. */
function ended(turn: LiveTurn, broken: LiveTurn): LiveTurn {
  return turn.answer === null ? broken : { ...turn, phase: "done" };
}

/** Of an attempt that was not kept. The checked sentences that are there stay until the new answer has one. */
function again({ id, key, question, sentences, citations, partTitles }: LiveTurn, filter: Filter): LiveTurn {
  const earlier = sentences.length > 0;
  return { ...newTurn({ id, key, question, filter }), ...(earlier && { earlier, sentences, citations, partTitles }) };
}

function receive(turn: LiveTurn, event: AnswerEvent): LiveTurn {
  switch (event.type) {
    case "status":
      return {
        ...turn,
        stage: event.stage,
        place: event.place,
        asked: event.question || turn.asked,
        running: event.running || turn.running,
      };
    case "retrieval":
      return { ...turn, passages: event.passages, partTitles: event.part_titles };
    case "citation":
      return turn.earlier ? { ...turn, arrived: [...turn.arrived, event.citation] } : { ...turn, citations: [...turn.citations, event.citation] };
    case "sentence":
      return turn.earlier
        ? { ...turn, earlier: false, sentences: [event.sentence], citations: turn.arrived, arrived: [] }
        : { ...turn, sentences: [...turn.sentences, event.sentence] };
    case "final":
      return final(turn, event.answer);
    default:
      return turn;
  }
}

function final(turn: LiveTurn, answer: Answer): LiveTurn {
  return {
    ...turn,
    answer,
    earlier: false,
    sentences: answer.sentences,
    citations: answer.citations,
    asked: answer.follow_up?.asked || turn.asked,
    number: answer.conversation?.number ?? null,
  };
}

/** How it ended, for who does not see it; "" where a notice is announced anyway. */
export function outcomeOf({ phase, answer }: Pick<Turn, "phase" | "answer">): string {
  const { outcomes, stopped } = words.answers.answer;
  if (phase !== "done" || answer === null) return phase === "stopped" ? stopped : "";
  return answer.status === "abstained" ? outcomes.abstained(words.answers.noAnswer[noAnswerKind(answer)]) : outcomes[answer.status];
}

/** What the service is doing, in words. */
export function statusLine({ stage, place, passages }: Pick<Turn, "stage" | "place" | "passages">): string {
  switch (stage) {
    case "waiting":
      return words.chat.waiting(place);
    case "writing":
      return words.chat.writing(passages);
    default:
      return words.chat.searching(passages);
  }
}
