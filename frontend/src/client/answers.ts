import type { Api } from "./api";
import type { components } from "./schema";
import type { Citation, Full } from "./types";

type Schemas = components["schemas"];

export type Feedback = Full<Schemas["FeedbackOut"]>;
export type FeedbackKind = Schemas["FeedbackKind"];
export type FeedbackIn = Pick<Schemas["FeedbackIn"], "audit_id" | "kind" | "expected"> & { sentence: number; words: string };
export type SignOff = Full<Schemas["SignOffOut"]>;
export type SignVerdict = Schemas["SignVerdict"];
export type Version = Full<Schemas["VersionDetailOut"]>;
export type Format = "docx" | "pdf" | "md";

export type Leg = "sparse" | "dense" | "fused" | "rerank";

/**
 * A passage that was found; `quote` holds the whole of it. `rank`: in the final order, 0 where it was not found but
 * referred to. `shown`: to the generator. `cited`, `nearest`: numbers of the answer's citations that stand in it.
 */
export interface FoundPassage {
  quote: Citation;
  rank: number;
  ranks: Partial<Record<Leg, number>>;
  copies: Citation[];
  shown: boolean;
  cited: number[];
  nearest: number[];
}

/** A sentence that was looked at. `why`: of what was withheld; `text`, `reason`: for the scope `audit` alone. */
export interface LookedAt {
  origin: "wrote" | "open" | "instead" | "odds";
  fate: "shipped" | "withheld" | "left_out";
  why: string;
  passages: number[];
  sentence: number | null;
  text: string | null;
  reason: string | null;
}

/** Why an answer is what it is. `asked.searched`: the query without names of documents that were found by them. */
export interface WhyAnswer {
  asked: { words: string; question: string; query: string; parts: string[]; hypothesis: string };
  passages: FoundPassage[];
  counts: { wrote: number; passed: number; withheld: number; left_out: number; quoted: number; differ: number };
  sentences: LookedAt[];
  in_order: boolean;
}

/** An answer that was made again, stage by stage. `outcome`: "same", "differs", "cannot be replayed" or "erased". */
export interface Replay {
  same: boolean;
  stages: { stage: string; outcome: string; said: string }[];
}

/** What can be asked and said of one answer. */
export const answers = {
  why: (api: Api, id: string) => api.json<WhyAnswer>(`${of(id)}/why`),
  replay: (api: Api, id: string) => api.json<Replay>(`${of(id)}/replay`, { method: "POST" }),
  exported: async (api: Api, id: string, format: Format) => (await api.send(`${of(id)}/export?format=${format}`)).blob(),
  bundle: async (api: Api, id: string) => (await api.send(`${of(id)}/bundle`)).blob(),
  ownFeedback: async (api: Api, id: string) => (await api.json<{ feedback: Feedback[] }>(`${of(id)}/feedback`)).feedback,
  giveFeedback: (api: Api, told: FeedbackIn) => api.json<Feedback>("/v1/feedback", sent("POST", told)),
  signOffs: async (api: Api, id: string) => (await api.json<{ sign_offs: SignOff[] }>(`${of(id)}/sign-offs`)).sign_offs,
  sign: (api: Api, id: string, sentence: number | null, wanted: { verdict: SignVerdict; words: string }) =>
    api.json<SignOff>(signed(id, sentence), sent("PUT", wanted)),
  withdraw: (api: Api, id: string, sentence: number | null) => api.send(signed(id, sentence), { method: "DELETE" }),
  versions: async (api: Api, document: string) =>
    (await api.json<{ versions: Version[] }>(`/v1/documents/${encodeURIComponent(document)}/versions`)).versions,
};

function of(id: string): string {
  return `/v1/answers/${encodeURIComponent(id)}`;
}

function signed(id: string, sentence: number | null): string {
  return sentence === null ? `${of(id)}/sign-off` : `${of(id)}/sentences/${sentence}/sign-off`;
}

function sent(method: string, value: object): RequestInit {
  return { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) };
}
