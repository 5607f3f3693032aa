import { type Api, jsonBody } from "./api";
import type { components } from "./schema";
import type { Box, DocumentFacts, FactKind, Full, NewFact } from "./types";

type Schemas = components["schemas"];

export type Version = Full<Schemas["VersionDetailOut"]>;
export type Compared = Full<Schemas["CompareOut"]>;
export type Difference = Full<Schemas["DifferenceOut"]>;
export type ComparedPlace = Full<Schemas["PlaceOut"]>;
export type DifferenceKind = Schemas["Kind"];
export type ChangeKind = Schemas["retrieval__comparing__types__Change"];
export type Only = NonNullable<Schemas["CompareRequest"]["only"]>[number];

/** All pages of a version, with their sizes in points. `drawn`: there are pictures of them. */
export type DocumentPages = Full<Schemas["PagesOut"]>;
export type LaidOutPage = DocumentPages["pages"][number];
/** The canonical text of a version from character `start` on, of its `chars`; `tables`: with their rows and cells. */
export type DocumentText = Full<Schemas["TextOut"]>;
export type Table = Full<Schemas["TableOut"]>;
export type TableRow = Table["rows"][number];

/** One version of a document, by its id or its number. */
export interface VersionAsked {
  document_id: string;
  version_id: string;
}

/** The address of a page's picture, without marks, for an `<img>`: the browser sends the session's cookie. */
export function pictureOf(asked: VersionAsked, page: number, width: number): string {
  return `${documentOf(asked.document_id)}/pages/${page}.png?version=${asked.version_id}&width=${width}`;
}

export const sources = {
  /** Those that the asker may read, newest first. */
  versions: async (api: Api, id: string) =>
    (await api.json<{ versions: Version[] }>(`${documentOf(id)}/versions`)).versions,
  pages: (api: Api, asked: VersionAsked) => api.json<DocumentPages>(`${documentOf(asked.document_id)}/pages?${of(asked)}`),
  text: (api: Api, asked: VersionAsked) =>
    api.json<DocumentText>(`${documentOf(asked.document_id)}/text?${of(asked)}&tables=true`),
  /** Some pages of it around characters [start, end). */
  textAround: (api: Api, asked: VersionAsked, { start, end }: { start: number; end: number }) =>
    api.json<DocumentText>(`${documentOf(asked.document_id)}/text?${of(asked)}&tables=true&start=${start}&end=${end}`),
  /** Where characters [start, end) are printed. */
  boxes: async (api: Api, asked: VersionAsked, start: number, end: number) =>
    (await api.json<{ boxes: Box[] }>(`${documentOf(asked.document_id)}/boxes?${of(asked)}&start=${start}&end=${end}`)).boxes,
  original: async (api: Api, asked: VersionAsked) =>
    (await api.send(`${documentOf(asked.document_id)}/original?${of(asked)}`)).blob(),
  facts: (api: Api, asked: VersionAsked) => api.json<DocumentFacts>(`${documentOf(asked.document_id)}/facts?${of(asked)}`),
  /** Sets a fact of all versions of a document; returns those of the current one. */
  setFact: (api: Api, id: string, fact: NewFact) =>
    api.json<DocumentFacts>(`${documentOf(id)}/facts`, { ...jsonBody(fact), method: "PUT" }),
  /** Says that this is no fact of the document. */
  removeFact: (api: Api, id: string, kind: FactKind, value: string) =>
    api.json<DocumentFacts>(`${documentOf(id)}/facts?${new URLSearchParams({ kind, value })}`, { method: "DELETE" }),
  /** Differences from `offset` on, of the kinds `only`, all where it is empty. */
  compare: (api: Api, old: VersionAsked, now: VersionAsked, only: Only[], offset: number, limit: number) =>
    api.json<Compared>("/v1/compare", jsonBody({ old: named(old), new: named(now), only, offset, limit })),
};

/** A version's number goes as a number: the server tells it from an id by that. */
function named({ document_id, version_id }: VersionAsked) {
  return { document_id, version: /^\d+$/.test(version_id) ? Number(version_id) : version_id };
}

function of({ version_id }: VersionAsked): string {
  return `version=${version_id}`;
}

function documentOf(id: string): string {
  return `/v1/documents/${encodeURIComponent(id)}`;
}
