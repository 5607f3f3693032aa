import type { Api } from "./api";
import type { DocumentList, DocumentSort, DocumentSummary } from "./types";

/** What is asked of the list: words that stand in title, source or names, its order, and what it is narrowed to. */
export interface Asked {
  q: string;
  sort: DocumentSort;
  order: "asc" | "desc";
  /** A kind, as a search knows them; "": any. */
  kind: string;
  /** Who may read, as `group:NAME` or `user:NAME`; "": whoever. */
  label: string;
  /** A BCP 47 code; "": any. */
  language: string;
  /** The day from which it holds lies between these, both included, as ISO dates; "": open. */
  from: string;
  to: string;
  /** "true": only with warnings; "": with or without. */
  warnings: "true" | "";
}

/** A page of a list: without the first `skip`, at most `limit`. */
export interface Part {
  skip: number;
  limit: number;
}

/** Who may read from now on as well, and who no longer. */
export interface ReadersChange {
  add: string[];
  remove: string[];
}

/** What became of the readers of one document; `reason`: why they stayed as they were, else "". */
export interface Labelled {
  document_id: string;
  outcome: string;
  allow: string[];
  reason: string;
}

const documentOf = (id: string) => `/v1/documents/${encodeURIComponent(id)}`;

export const documents = {
  /** A page of the list; what is "" or 0 is not asked. */
  page: (api: Api, asked: Partial<Asked>, { skip, limit }: Part, signal?: AbortSignal) => {
    const told = { ...asked, skip: skip === 0 ? "" : String(skip), limit: String(limit) };
    const given = Object.entries(told).filter(([, value]) => value !== "");
    return api.json<DocumentList>(`/v1/documents?${new URLSearchParams(given)}`, signal && { signal });
  },
  one: (api: Api, id: string) => api.json<DocumentSummary>(documentOf(id)),
  /** The deleted documents that the caller may restore. */
  deleted: (api: Api) => api.json<DocumentList>("/v1/documents?deleted=true"),
  remove: (api: Api, id: string) => api.send(documentOf(id), { method: "DELETE" }),
  restore: (api: Api, id: string) => api.send(`${documentOf(id)}/restore`, { method: "POST" }),
  /** Changes who may read documents, up to 1000 of them; each principal as `group:NAME` or `user:NAME`. */
  allow: async (api: Api, ids: string[], change: ReadersChange) => {
    const body = JSON.stringify({ documents: ids, ...change });
    const init = { method: "PUT", headers: { "Content-Type": "application/json" }, body };
    return (await api.json<{ documents: Labelled[] }>("/v1/labels", init)).documents;
  },
};
