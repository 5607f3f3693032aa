import type { Api } from "./api";
import type { components } from "./schema";
import type { DocumentList, DocumentSort, DocumentSummary, Full } from "./types";

export type VersionDetail = Full<components["schemas"]["VersionDetailOut"]>;

/** What is asked of the list: words that stand in title, source or names, its order, and what it is narrowed to. */
export interface Asked {
  q: string;
  sort: DocumentSort;
  order: "asc" | "desc";
  /** A kind, as a search knows them; "": any. */
  kind: string;
  /** One of the asker's groups, which may read; "": any. */
  group: string;
}

const documentOf = (id: string) => `/v1/documents/${encodeURIComponent(id)}`;

export const documents = {
  /** A page of the list; `after`: the `next` of the page before, or "". */
  page: (api: Api, asked: Asked, after: string, limit: number, signal?: AbortSignal) => {
    const given = Object.entries({ ...asked, after, limit: String(limit) }).filter(([, value]) => value !== "");
    return api.json<DocumentList>(`/v1/documents?${new URLSearchParams(given)}`, signal && { signal });
  },
  one: (api: Api, id: string) => api.json<DocumentSummary>(documentOf(id)),
  versions: async (api: Api, id: string) =>
    (await api.json<{ versions: VersionDetail[] }>(`${documentOf(id)}/versions`)).versions,
  /** The deleted documents that the caller may restore. */
  deleted: (api: Api) => api.json<DocumentList>("/v1/documents?deleted=true"),
  remove: (api: Api, id: string) => api.send(documentOf(id), { method: "DELETE" }),
  restore: (api: Api, id: string) => api.send(`${documentOf(id)}/restore`, { method: "POST" }),
  /** Sets who may read a document, as `group:NAME` and `user:NAME`. */
  allow: (api: Api, id: string, allow: string[]) =>
    api.send(`${documentOf(id)}/allow`, {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ allow }),
    }),
};
