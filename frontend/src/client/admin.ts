import type { Api } from "./api";
import type { components } from "./schema";
import type { Full } from "./types";

type Schemas = components["schemas"];

export type TrailEntry = Full<Schemas["EntryOut"]>;
export type TrailDetail = Full<Schemas["EntryDetail"]>;
export type TrailPage = Full<Schemas["EntryList"]>;
export type Key = Full<Schemas["KeyOut"]>;
export type NewKey = Partial<Schemas["KeyIn"]>;

/** What the trail is searched for; "" for whatever. `from` and `to` are instants. */
export interface TrailAsked {
  action: string;
  user: string;
  document: string;
  refused: string;
  text: string;
  from: string;
  to: string;
}

export function trailQuery(asked: TrailAsked, more: Record<string, string> = {}): URLSearchParams {
  return new URLSearchParams(Object.entries({ ...asked, ...more }).filter(([, value]) => value !== ""));
}

export const trail = {
  list: (api: Api, asked: TrailAsked, after: string) =>
    api.json<TrailPage>(`/v1/audit?${trailQuery(asked, { limit: "50", after })}`),
  show: (api: Api, id: string) => api.json<{ entries: TrailDetail[] }>(`/v1/audit/${encodeURIComponent(id)}`),
  exported: async (api: Api, asked: TrailAsked) => (await api.send(`/v1/audit/export?${trailQuery(asked)}`)).blob(),
};

export const keys = {
  list: (api: Api) => api.json<{ keys: Key[] }>("/v1/keys"),
  make: (api: Api, key: NewKey) =>
    api.json<{ id: string; secret: string }>("/v1/keys", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(key),
    }),
  revoke: (api: Api, id: string) => api.send(`/v1/keys/${encodeURIComponent(id)}`, { method: "DELETE" }),
};

export type Health = Full<Schemas["HealthOut"]>;
export type Finding = Health["rows"][number];
export type KnownPerson = Full<Schemas["PersonOut"]>;
export type Usage = Full<Schemas["UsageOut"]>;
export type UsageReport = Full<Schemas["UsageReport"]>;
export type AnyJob = Full<Schemas["AnyJobOut"]>;
export type AnyJobs = Full<Schemas["AnyJobList"]>;
export type Verification = Full<Schemas["VerificationOut"]>;

export const admin = {
  health: (api: Api) => api.json<Health>("/v1/admin/health"),
  people: (api: Api) => api.json<{ people: KnownPerson[] }>("/v1/admin/people"),
  usage: (api: Api, from: string, to: string) =>
    api.json<UsageReport>(`/v1/admin/usage?${new URLSearchParams({ from, to })}`),
  jobs: (api: Api, after: string) => api.json<AnyJobs>(`/v1/admin/jobs?${new URLSearchParams(after === "" ? {} : { after })}`),
};

export const verification = {
  state: (api: Api) => api.json<Verification>("/v1/audit/verify"),
  begin: (api: Api) => api.json<Verification>("/v1/audit/verify", { method: "POST" }),
};
