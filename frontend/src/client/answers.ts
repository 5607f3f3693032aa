import type { Api } from "./api";
import type { components } from "./schema";
import type { Citation, Full } from "./types";

type Schemas = components["schemas"];

export type Feedback = Full<Schemas["FeedbackOut"]>;
export type FeedbackKind = Schemas["FeedbackKind"];
export type FeedbackIn = Pick<Schemas["FeedbackIn"], "audit_id" | "kind" | "expected"> & { sentence: number; words: string };
export type SignOff = Full<Schemas["SignOffOut"]>;
export type SignVerdict = Schemas["SignVerdict"];
export type Format = "docx" | "pdf" | "md";

export type Leg = "sparse" | "dense" | "fused" | "rerank";
export type WhyAnswer = Omit<Full<Schemas["WhyOut"]>, "passages"> & { passages: FoundPassage[] };
export type FoundPassage = Omit<Full<Schemas["PassageOut"]>, "quote" | "copies" | "ranks"> & {
  quote: Citation;
  copies: Citation[];
  ranks: Partial<Record<Leg, number>>;
};
export type LookedAt = Full<Schemas["LookedAtOut"]>;
export type Replay = Full<Schemas["ReplayOut"]>;

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
