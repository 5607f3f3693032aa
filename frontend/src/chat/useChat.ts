import { createContext, useContext, useEffect, useReducer, useRef } from "react";
import type { Api } from "../client/api";
import { Problem } from "../client/problem";
import { reduceTurns, type Turn } from "./turns";

export interface ChatState {
  turns: Turn[];
  running: boolean;
  ask: (question: string) => void;
  retry: (turn: Turn) => void;
  stop: () => void;
}

export const ChatContext = createContext<ChatState | null>(null);

/** The chat goes on while other views are shown. */
export function useChatState(): ChatState {
  const state = useContext(ChatContext);
  if (state === null) throw new Error("useChatState outside of the workspace");
  return state;
}

/** The turns of this tab, in memory only, and one answer at a time. */
export function useChat(api: Api): ChatState {
  const [turns, dispatch] = useReducer(reduceTurns, []);
  const controller = useRef<AbortController | null>(null);
  const lastId = useRef(0);

  useEffect(() => () => controller.current?.abort(), []);

  async function run(id: number, question: string) {
    const own = new AbortController();
    controller.current = own;
    try {
      for await (const event of api.ask(question, own.signal)) dispatch({ type: "received", id, event });
      dispatch({ type: "finished", id });
    } catch (error) {
      if (own.signal.aborted) dispatch({ type: "stopped", id });
      else dispatch({ type: "failed", id, problem: Problem.from(error) });
    }
  }

  return {
    turns,
    running: turns.some(({ phase }) => phase === "running"),
    ask: (question) => {
      lastId.current += 1;
      dispatch({ type: "asked", id: lastId.current, question });
      void run(lastId.current, question);
    },
    retry: ({ id, question }) => {
      dispatch({ type: "retried", id });
      void run(id, question);
    },
    stop: () => controller.current?.abort(),
  };
}
