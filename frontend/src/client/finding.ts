import { type Api, given } from "./api";
import type { DocumentList } from "./types";

/** How many documents are offered at once. */
export const FOUND = 20;

/** The first documents with these words in title, source or a name, of those that the caller may read. */
export function findDocuments(api: Api, q: string, signal: AbortSignal): Promise<DocumentList> {
  return api.json(`/v1/documents?${given({ q, sort: "title", order: "asc", limit: String(FOUND) })}`, { signal });
}
