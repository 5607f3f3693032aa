import { useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useReducer, useRef, useState } from "react";
import type { Api } from "../client/api";
import { askedFor, joined, type RunningAnswer, running } from "../client/conversations";
import { Problem } from "../client/problem";
import type { AnswerEvent } from "../client/types";
import { type Filter, NO_FILTER, toQuery } from "../filter/filter";
import { keep, kept } from "../session/kept";
import { reduceThreads, type Thread, threadOf } from "./threads";
import type { LiveTurn } from "./turns";

export const RUNNING = ["running"];
const BROKEN = new Set<LiveTurn["phase"]>(["stopped", "failed"]);

export interface ChatState {
  threads: Thread[];
  /** The thread that "Questions" shows while the address names no conversation; null: a new one. */
  current: string | null;
  choose: (key: string | null) => void;
  /** Asks within a conversation, by id, or a thread of this page; null begins a new one. Returns the thread's key. */
  ask: (within: string | null, question: string, filter: Filter) => string;
  /** Asks once more in the place of an attempt that broke off. What was kept stays; it is asked again by `ask`. */
  retry: (thread: string, turn: LiveTurn) => void;
  stop: (thread: string, turn: LiveTurn) => void;
  /** Shows an answer that is under way elsewhere; the thread's key. */
  join: (answer: RunningAnswer) => string;
  /** What broke off here may have been finished and kept by the server, as this tells. */
  settle: (answer: RunningAnswer) => void;
  /** What was asked from here in a conversation that is no more. */
  forget: (conversation: string) => void;
}

export const ChatContext = createContext<ChatState | null>(null);

/** The chat goes on while other views are shown. */
export function useChatState(): ChatState {
  const state = useContext(ChatContext);
  if (state === null) throw new Error("useChatState outside of the workspace");
  return state;
}

/** What an answer under way was narrowed to, where it was asked in this tab; the server tells it of what is kept. */
function askedUnder(running: string): Filter | null {
  try {
    return { ...NO_FILTER, ...(JSON.parse(kept(`asked.${running}`) ?? "") as Partial<Filter>) };
  } catch {
    return null;
  }
}

/** What was asked from this page, by conversation. Several answers may be under way. */
export function useChat(api: Api): ChatState {
  const client = useQueryClient();
  const [threads, dispatch] = useReducer(reduceThreads, []);
  const [current, choose] = useState<string | null>(null);
  const streams = useRef(new Map<string, AbortController>());
  const last = useRef(0);
  const known = useRef(new Map<string, string>()); // threads of the answers that were joined
  const ids = useRef(new Map<string, string>()); // conversations of the threads that were begun here

  useEffect(() => {
    const open = streams.current;
    return () => {
      for (const stream of open.values()) stream.abort();
    };
  }, []);

  async function run(thread: string, id: number, filter: Filter | null, events: (signal: AbortSignal) => AsyncGenerator<AnswerEvent>) {
    const own = new AbortController();
    streams.current.set(`${thread}/${id}`, own);
    const turn = (action: Parameters<typeof reduceThreads>[1] extends infer A ? (A extends { turn: infer T } ? T : never) : never) =>
      dispatch({ thread, turn: action });
    let name = "";
    try {
      for await (const event of events(own.signal)) {
        if (event.type === "status" && event.running) {
          name = `asked.${event.running}`;
          if (filter !== null) keep(name, JSON.stringify(filter));
          known.current.set(event.running, thread);
          void client.invalidateQueries({ queryKey: RUNNING });
        }
        if (event.type === "final" && name !== "") keep(name, null); // the server tells it from now on
        if (event.type === "final" && event.answer.conversation) ids.current.set(thread, event.answer.conversation.id);
        turn({ type: "received", id, event });
      }
      turn({ type: "finished", id });
    } catch (error) {
      const problem = Problem.from(error);
      if (own.signal.aborted || problem.code === "answer_stopped") turn({ type: "stopped", id });
      else turn({ type: "failed", id, problem });
    } finally {
      streams.current.delete(`${thread}/${id}`);
      void client.invalidateQueries({ queryKey: RUNNING });
      void client.invalidateQueries({ queryKey: ["conversations"] });
    }
  }

  async function* asking(thread: string, question: string, filter: Filter, signal: AbortSignal) {
    const told = await client.ensureQueryData({ queryKey: RUNNING, queryFn: () => running.list(api) }).catch(() => null);
    const conversation = ids.current.get(thread) ?? "new";
    yield* askedFor(api, { question, conversation, ...toQuery(filter), ...(told !== null && { keep: true }) }, signal);
  }

  function threadFor(within: string | null): string {
    const found = within === null ? undefined : threadOf(threads, within);
    if (found !== undefined) return found.key;
    last.current += 1;
    const key = within ?? `new-${last.current}`;
    if (within !== null) ids.current.set(key, within);
    dispatch({ begun: { key, id: within, turns: [] } });
    return key;
  }

  return {
    threads,
    current,
    choose,
    ask: (within, question, filter) => {
      const thread = threadFor(within);
      last.current += 1;
      const id = last.current;
      dispatch({ thread, turn: { type: "asked", id, key: `here-${id}`, question, filter } });
      void run(thread, id, filter, (signal) => asking(thread, question, filter, signal));
      return thread;
    },
    retry: (thread, { key, question, filter }) => {
      const turn = threadOf(threads, thread)?.turns.find((one) => one.key === key);
      if (turn === undefined || turn.number !== null) return;
      dispatch({ thread, turn: { type: "retried", id: turn.id } });
      void run(thread, turn.id, filter, (signal) => asking(thread, question, filter, signal));
    },
    stop: (thread, { key, running: id }) => {
      const turn = threadOf(threads, thread)?.turns.find((one) => one.key === key);
      if (turn !== undefined) streams.current.get(`${thread}/${turn.id}`)?.abort();
      if (id !== "") void running.stop(api, id).catch(() => undefined);
    },
    join: (answer) => {
      const there = known.current.get(answer.id);
      if (there !== undefined) return there;
      const thread = threadFor(answer.conversation === "new" ? null : answer.conversation);
      known.current.set(answer.id, thread);
      last.current += 1;
      const id = last.current;
      const since = Date.now() - answer.seconds * 1000;
      const filter = askedUnder(answer.id);
      const own = filter === null ? { elsewhere: true } : { filter };
      dispatch({ thread, turn: { type: "asked", id, key: `here-${id}`, question: answer.question, running: answer.id, since, ...own } });
      void run(thread, id, null, (signal) => joined(api, answer.id, signal));
      return thread;
    },
    settle: ({ id: running, state, conversation, turn: number }) => {
      if (state !== "done" || number === null || conversation === "new") return;
      for (const { key: thread, turns } of threads) {
        const turn = turns.find((one) => one.running === running && one.number === null && BROKEN.has(one.phase));
        if (turn === undefined) continue;
        ids.current.set(thread, conversation);
        dispatch({ thread, kept: conversation, turn: { type: "kept", id: turn.id, number } });
        void client.invalidateQueries({ queryKey: ["conversations"] });
      }
    },
    forget: (conversation) => {
      dispatch({ forgotten: conversation });
      choose((now) => (now === conversation ? null : now));
    },
  };
}
