import type { ConversationDetail, KeptTurn, RunningAnswer } from "../client/conversations";
import type { Filter } from "../filter/filter";
import { type LiveTurn, newTurn, reduceTurns, type TurnAction } from "./turns";

/** What was asked in one conversation from this page. */
export interface Thread {
  /** The conversation's id, or a name of its own where it was begun here. */
  key: string;
  /** The conversation's id; null until its first answer is kept. */
  id: string | null;
  turns: LiveTurn[];
}

export type ThreadAction =
  | { thread: string; turn: TurnAction }
  | { begun: Thread }
  /** Of a turn that the server tells to be kept: in which conversation. */
  | { thread: string; kept: string; turn: Extract<TurnAction, { type: "kept" }> }
  | { forgotten: string };

export function reduceThreads(threads: Thread[], action: ThreadAction): Thread[] {
  if ("begun" in action) return threadOf(threads, action.begun.key) === undefined ? [...threads, action.begun] : threads;
  if ("forgotten" in action) return threads.filter(({ id }) => id !== action.forgotten);
  const id = "kept" in action ? action.kept : null;
  return threads.map((thread) => (thread.key === action.thread ? received(thread, action.turn, id) : thread));
}

function received(thread: Thread, action: TurnAction, conversation: string | null): Thread {
  const kept = action.type === "received" && action.event.type === "final" ? action.event.answer.conversation : null;
  return { ...thread, id: kept?.id ?? conversation ?? thread.id, turns: reduceTurns(thread.turns, action) };
}

/** By its key, or its conversation's id. */
export function threadOf(threads: Thread[], name: string): Thread | undefined {
  return threads.find(({ key, id }) => key === name || id === name);
}

export function isRunning(turns: LiveTurn[]): boolean {
  return turns.some(({ phase }) => phase === "running");
}

/** A turn that was kept, as it is opened again. */
export function openedTurn(kept: KeptTurn): LiveTurn {
  const { number, answer, question, follow_up: followUp } = kept;
  return {
    ...newTurn({ id: number, key: `kept-${number}`, question: question ?? "", since: Date.parse(kept.asked_at) }),
    phase: "done",
    answer,
    number,
    closed: answer === null,
    sentences: answer?.sentences ?? [],
    citations: answer?.citations ?? [],
    partTitles: answer?.parts.map(({ title }) => title) ?? [],
    asked: followUp === null ? "" : (kept.asked ?? ""),
    filter: narrowedTo(kept),
    changed: kept.changed,
  };
}

/** What it was narrowed to, as far as that is told; of documents those that it cites have a name. */
function narrowedTo({ as_of: asOf, narrowed, answer }: KeptTurn): Filter {
  const cited = [...(answer?.citations ?? []), ...(answer?.abstention?.nearest ?? [])];
  const title = (id: string) => cited.find(({ document_id }) => document_id === id)?.title ?? "";
  return {
    asOf: asOf ?? "",
    documents: narrowed?.documents.map((id) => ({ id, title: title(id) })) ?? [],
    kinds: narrowed?.kinds ?? [],
    groups: narrowed?.groups ?? [],
    from: narrowed?.since ?? "",
    to: narrowed?.until ?? "",
    strictness: answer?.strictness ?? "",
  };
}

/**
 * The turns of a conversation in their order, numbered from 1: what is kept of it, and what was asked from this page.
 * What is both stays as it is on the page, and is told what has changed since; what broke off on the page and was kept
 * all the same is shown as it is kept, and what cannot be opened any more is not shown from the page's memory either.
 */
export function shownTurns(detail: ConversationDetail | undefined, live: LiveTurn[]): LiveTurn[] {
  const kept = detail?.history ?? [];
  const here = new Map(live.flatMap((turn) => (turn.number === null ? [] : [[turn.number, turn] as const])));
  const numbers = new Set(kept.map(({ number }) => number));
  const opened = kept.map((turn) => {
    const same = here.get(turn.number);
    if (same === undefined) return openedTurn(turn);
    const brokeOff = same.answer === null && same.phase !== "running";
    if (turn.answer === null || brokeOff) return { ...openedTurn(turn), key: same.key };
    return { ...same, changed: turn.changed, ...(same.elsewhere && { filter: narrowedTo(turn), elsewhere: false }) };
  });
  const rest = live.filter(({ number }) => number === null || !numbers.has(number));
  const begun = ({ since }: LiveTurn) => since;
  // What failed or goes on here stands where it was asked between the others.
  const all = rest.length === 0 ? opened : [...opened, ...rest].sort((a, b) => begun(a) - begun(b));
  return all.map((turn, index) => ({ ...turn, id: index + 1 }));
}

/** An own answer under way, wherever it was asked. */
export interface UnderWay {
  key: string;
  question: string;
  stage: LiveTurn["stage"];
  place: number;
  passages: number | null;
  since: number;
  /** By what it is joined; "" where it runs in this page alone. */
  running: string;
  /** The thread of this page in which it runs; "" where it does not. */
  thread: string;
  /** The conversation that it is in; null until there is one. */
  conversation: string | null;
}

/** Those of this page and those that the server tells of, each once, the oldest first. */
export function underWay(threads: Thread[], told: RunningAnswer[], now: number): UnderWay[] {
  const here = threads.flatMap(({ key, id, turns }) =>
    turns
      .filter(({ phase }) => phase === "running")
      .map(({ key: turn, question, stage, place, passages, since, running }) => ({
        key: `${key}/${turn}`,
        question,
        stage,
        place,
        passages,
        since,
        running,
        thread: key,
        conversation: id,
      })),
  );
  const known = new Set(threads.flatMap(({ turns }) => turns.map(({ running }) => running)));
  const elsewhere = told
    .filter(({ id, state }) => state === "running" && !known.has(id))
    .map(({ id, question, stage, place, seconds, conversation }) => ({
      key: id,
      question,
      stage: stage === "" ? null : stage,
      place,
      passages: null,
      since: now - seconds * 1000,
      running: id,
      thread: "",
      conversation: conversation === "new" ? null : conversation,
    }));
  return [...here, ...elsewhere].sort((a, b) => a.since - b.since);
}
