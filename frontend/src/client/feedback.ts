/** What people say of answers, and answers that rest on what has changed (docs/feedback.md). */
import type { Api } from "./api";
import type { Changed } from "./reviews";
import type { components } from "./schema";
import type { Answer } from "./types";

type Schemas = components["schemas"];

export type FeedbackState = Schemas["FeedbackState"];
export type FeedbackKind = Schemas["FeedbackKind"];
export type Feedback = Schemas["FeedbackOut"];
export type FeedbackList = { feedback: Feedback[]; next: string | null };
export type Notice = Required<Schemas["NoticeOut"]>;
/** An answer as the trail keeps it. */
export type KeptAnswer = Omit<Schemas["KeptOut"], "answer"> & { answer: Answer; changed: Changed[] };

export async function listFeedback(api: Api, state: FeedbackState | "", after: string, signal?: AbortSignal): Promise<FeedbackList> {
  const asked = new URLSearchParams({ limit: "50", ...(state === "" ? {} : { state }), ...(after === "" ? {} : { after }) });
  return api.json(`/v1/feedback?${asked}`, { signal: signal ?? null });
}

export async function readFeedback(api: Api, id: string, signal?: AbortSignal): Promise<Feedback> {
  return api.json(`/v1/feedback/${encodeURIComponent(id)}`, { signal: signal ?? null });
}

/** Says what comes of it. */
export async function resolveFeedback(api: Api, id: string, state: FeedbackState, words: string): Promise<Feedback> {
  const headers = { "Content-Type": "application/json" };
  return api.json(`/v1/feedback/${encodeURIComponent(id)}`, { method: "PATCH", headers, body: JSON.stringify({ state, words }) });
}

/** An answer that was given, with what has changed since. */
export async function readAnswer(api: Api, audit_id: string, signal?: AbortSignal): Promise<KeptAnswer> {
  return api.json(`/v1/answers/${encodeURIComponent(audit_id)}`, { signal: signal ?? null });
}

/** Answers of the caller's own that rest on what has changed, and of which they were not told yet. */
export async function listNotices(api: Api, signal?: AbortSignal): Promise<Notice[]> {
  return (await api.json<{ notices: Notice[] }>("/v1/answers/notices?limit=50", { signal: signal ?? null })).notices;
}

export async function seeNotices(api: Api, answers: string[]): Promise<void> {
  const headers = { "Content-Type": "application/json" };
  await api.send("/v1/answers/notices/seen", { method: "POST", headers, body: JSON.stringify({ answers }) });
}
