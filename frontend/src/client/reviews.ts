/** Reviews: the same questions over many documents (docs/reviews.md), over the one way to the server. */
import type { Api } from "./api";
import { Problem } from "./problem";
import type { components } from "./schema";
import { readServerEvents } from "./sse";
import type { Answer, ProblemBody } from "./types";

type Schemas = components["schemas"];

export type Review = Required<Schemas["ReviewOut"]>;
export type ReviewStatus = Schemas["ReviewStatus"];
export type CellStatus = Schemas["CellStatus"];
/** What rows are looked for by: those that have such a cell. */
export type Wanted = Schemas["Wanted"];
/** What has become of a version that an answer rests on. */
export type Changed = Schemas["Changed"];
/** With its answer as it was given; null where there is none. */
export type AnsweredCell = Omit<Required<Schemas["AnsweredCell"]>, "answer"> & { answer: Answer | null };
export type SignOff = Schemas["SignOffOut"];
/** A cell without its answer, as events tell it. */
export type ReviewCell = Omit<AnsweredCell, "answer" | "changed" | "sign_offs">;
export type ReviewRow = Omit<Schemas["ReviewRow"], "cells"> & { cells: AnsweredCell[] };
export type ReviewDetail = Review & { rows: ReviewRow[]; next: string | null };
export type ReviewList = { reviews: Review[]; next: string | null };
export type NewReview = Omit<Schemas["NewReview"], "live"> & { live: boolean };
export type ReviewDocuments = Schemas["ReviewDocuments"];
export type ReviewFile = "xlsx" | "docx";

/** `place`: after which a reader that lost its connection goes on; "" where it is told everything anew. */
export type ReviewEvent = { type: "review"; place: string; review: Review } | { type: "cell"; place: string; cell: ReviewCell };

export async function listReviews(api: Api, shared: boolean, after: string, signal?: AbortSignal): Promise<ReviewList> {
  const asked = new URLSearchParams({ limit: "20", ...(shared ? { shared: "true" } : {}), ...(after === "" ? {} : { after }) });
  return api.json(`/v1/reviews?${asked}`, { signal: signal ?? null });
}

export async function startReview(api: Api, review: NewReview): Promise<Review> {
  return api.json("/v1/reviews", sent("POST", review));
}

/** How many documents a review of these would have now. */
export async function countDocuments(api: Api, documents: ReviewDocuments, signal?: AbortSignal): Promise<number> {
  return (await api.json<{ documents: number }>("/v1/reviews/count", { ...sent("POST", documents), signal: signal ?? null })).documents;
}

/**
 * How it stands, and its rows after that of the document `after`, "": from the first; fewer where they hold many cells.
 * `cells`: rows that have such a cell alone, "": all; of these a page may hold few or none, though more follow.
 */
export async function readReview(api: Api, id: string, after: string, limit: number, cells: Wanted | "" = ""): Promise<ReviewDetail> {
  const asked = new URLSearchParams({ limit: String(limit), ...(after !== "" && { after }), ...(cells !== "" && { cells }) });
  return api.json(`${placeOf(id)}?${asked}`);
}

export async function* reviewEvents(api: Api, id: string, place: string, signal: AbortSignal): AsyncGenerator<ReviewEvent> {
  const headers = new Headers(place === "" ? [] : [["Last-Event-ID", place]]);
  const response = await api.send(`${placeOf(id)}/events`, { headers, signal });
  if (response.body !== null) yield* readReviewEvents(response.body);
}

/** The events of one review up to `done`. Throws the `Problem` that the server sends as `error`. */
export async function* readReviewEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ReviewEvent> {
  for await (const { type, data, id } of readServerEvents(body)) {
    if (type === "done") return;
    if (type === "error") throw Problem.fromBody(JSON.parse(data) as ProblemBody);
    if (type === "review") yield { type, place: id, review: JSON.parse(data) as Review };
    if (type === "cell") yield { type, place: id, cell: JSON.parse(data) as ReviewCell };
  }
}

export async function changeReview(api: Api, id: string, change: { title?: string; live?: boolean }): Promise<Review> {
  return api.json(placeOf(id), sent("PATCH", change));
}

/** With these people and groups alone from now on. */
export async function shareReview(api: Api, id: string, principals: string[]): Promise<Review> {
  return api.json(`${placeOf(id)}/shares`, sent("PUT", { principals }));
}

export async function cancelReview(api: Api, id: string): Promise<Review> {
  return api.json(`${placeOf(id)}/cancel`, { method: "POST" });
}

/** How many cells are asked again that had ended. */
export async function resumeReview(api: Api, id: string): Promise<number> {
  return (await api.json<{ cells: number }>(`${placeOf(id)}/resume`, { method: "POST" })).cells;
}

/** Cells of a row, whatever they say; no questions: the whole row. */
export async function askAgain(api: Api, id: string, document_id: string, questions: number[]): Promise<number> {
  return (await api.json<{ cells: number }>(`${placeOf(id)}/again`, sent("POST", { document_id, questions }))).cells;
}

export async function deleteReview(api: Api, id: string): Promise<void> {
  await api.send(placeOf(id), { method: "DELETE" });
}

export async function exportReview(api: Api, id: string, format: ReviewFile): Promise<Blob> {
  return (await api.send(`${placeOf(id)}/export?format=${format}`)).blob();
}

function placeOf(id: string): string {
  return `/v1/reviews/${encodeURIComponent(id)}`;
}

function sent(method: string, value: object): RequestInit {
  return { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) };
}
