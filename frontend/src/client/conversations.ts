import { readAnswer } from "./answerStream";
import { type Api, given, jsonBody } from "./api";
import { Problem } from "./problem";
import type { components } from "./schema";
import type { Answer, AnswerEvent, Full, QueryRequest, Stage } from "./types";

type Schemas = components["schemas"];

export type Conversation = Full<Schemas["ConversationOut"]>;
export type ConversationList = Full<Schemas["ConversationList"]>;
export type KeptTurn = Omit<Full<Schemas["TurnOut"]>, "answer"> & { answer: Answer | null };
export type ConversationDetail = Omit<Full<Schemas["ConversationDetail"]>, "history"> & { history: KeptTurn[] };
/** `turn` null: of the whole conversation. `principals`: `user:NAME`, `group:NAME`. */
export type Share = Full<Schemas["ShareOut"]>;
export type ExportFormat = "docx" | "md" | "pdf";

/** An own answer that goes on without a reader, or ended a few minutes ago. */
export interface RunningAnswer {
  id: string;
  question: string;
  /** Its id, or "new" until it is made. */
  conversation: string;
  turn: number | null;
  state: "running" | "done" | "failed" | "stopped";
  stage: Stage | "";
  place: number;
  started_at: string;
  seconds: number;
}

/** A page of the list; `after`: the `next` of the page before, or "". */
export interface ListAsked {
  shared: boolean;
  matter: string;
  after: string;
}

const PAGE = "30";

export const conversations = {
  list: (api: Api, { shared, matter, after }: ListAsked): Promise<ConversationList> =>
    api.json(`/v1/conversations?${given({ limit: PAGE, shared: shared ? "true" : "", matter, after })}`),
  open: (api: Api, id: string): Promise<ConversationDetail> => api.json(at(id)),
  change: (api: Api, id: string, change: { title?: string; matter?: string }): Promise<ConversationDetail> =>
    api.json(at(id), { ...jsonBody(change), method: "PATCH" }),
  /** For good, and for all. */
  remove: async (api: Api, id: string): Promise<void> => void (await api.send(at(id), { method: "DELETE" })),
  /** With these and no others from now on; none: with nobody. */
  share: (api: Api, id: string, { turn, principals }: Share): Promise<ConversationDetail> =>
    api.json(`${at(id)}/shares`, { ...jsonBody({ turn, principals }), method: "PUT" }),
  /** Its answers as a file to read on paper. */
  exported: async (api: Api, id: string, format: ExportFormat): Promise<Blob> =>
    (await api.send(`${at(id)}/export?format=${format}`)).blob(),
};

export const running = {
  /** Own ones, newest first; null where the service keeps none. */
  list: async (api: Api): Promise<RunningAnswer[] | null> => {
    try {
      return (await api.json<{ running: RunningAnswer[] }>("/v1/running")).running;
    } catch (error) {
      if (Problem.from(error).status === 404) return null;
      throw error;
    }
  },
  stop: async (api: Api, id: string): Promise<void> => void (await api.send(`/v1/running/${encodeURIComponent(id)}`, { method: "DELETE" })),
};

/** What is asked, and whether the answer goes on when the connection is lost. */
export type Asked = Omit<QueryRequest, "stream" | "keep"> & { keep?: boolean };

const REJOINS = 5;
const PAUSE_MS = 1000;
const PASSING = [0, 502, 503, 504];

/** The events of the answer to a question. One that is kept is joined again where the connection breaks. */
export async function* askedFor(api: Api, asked: Asked, signal: AbortSignal): AsyncGenerator<AnswerEvent> {
  const first = await api.send("/v1/query", { ...jsonBody({ ...asked, stream: true }), signal });
  yield* rejoining(api, "", 0, first, signal);
}

/** The events of an answer that is under way, from its beginning. */
export async function* joined(api: Api, id: string, signal: AbortSignal): AsyncGenerator<AnswerEvent> {
  yield* rejoining(api, id, 0, null, signal);
}

/** `id`: of the running answer, "" until its first event tells; `after`: the last event that is there. */
async function* rejoining(api: Api, id: string, after: number, first: Response | null, signal: AbortSignal): AsyncGenerator<AnswerEvent> {
  let response = first;
  for (let tries = 0; ; tries += 1) {
    try {
      response ??= await follow(api, id, after, signal);
      for await (const event of readAnswer(bodyOf(response), after)) {
        after = event.seq;
        if (event.type === "status" && event.running) id = event.running;
        tries = 0;
        yield event;
      }
      return;
    } catch (error) {
      if (signal.aborted || id === "" || tries >= REJOINS || !mayPass(error)) throw error;
    }
    response = null;
    await pause(PAUSE_MS * 2 ** tries, signal);
  }
}

function follow(api: Api, id: string, after: number, signal: AbortSignal): Promise<Response> {
  const headers = new Headers(after === 0 ? [] : [["Last-Event-ID", String(after)]]);
  return api.send(`/v1/running/${encodeURIComponent(id)}/events`, { headers, signal });
}

function bodyOf({ body }: Response): ReadableStream<Uint8Array> {
  if (body === null) throw new Problem("The answer is empty", "Ask again.", "stream_cut");
  return body;
}

/** Whether the connection failed, and not the answer. */
function mayPass(error: unknown): boolean {
  const { code, status } = Problem.from(error);
  return code === "stream_cut" || code === "unreachable" || (code === "http_error" && PASSING.includes(status));
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });
}

function at(id: string): string {
  return `/v1/conversations/${encodeURIComponent(id)}`;
}
