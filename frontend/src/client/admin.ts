import type { Api } from "./api";
import type { components } from "./schema";
import type { Full } from "./types";

type Schemas = components["schemas"];

export type TrailEntry = Full<Schemas["EntryOut"]>;
export type TrailDetail = Full<Schemas["EntryDetail"]>;
export type TrailPage = Full<Schemas["EntryList"]>;
export type Key = Full<Schemas["KeyOut"]>;
export type NewKey = Partial<Schemas["KeyIn"]>;

/** What the trail is searched for; "" for whatever. `from` and `to` are days of the reader's clock, both included. */
export interface TrailAsked {
  action: string;
  user: string;
  document: string;
  refused: string;
  text: string;
  from: string;
  to: string;
}

export const NO_TRAIL_SEARCH: TrailAsked = { action: "", user: "", document: "", refused: "", text: "", from: "", to: "" };

export function trailQuery({ from, to, ...asked }: TrailAsked, more: Record<string, string> = {}): URLSearchParams {
  const all = { ...asked, from: beginningOf(from, 0), to: beginningOf(to, 1), ...more };
  return new URLSearchParams(Object.entries(all).filter(([, value]) => value !== ""));
}

/** The instant at which a day begins here, or the day `later` days after it; "" of no day. */
export function beginningOf(day: string, later: number): string {
  const found = /^(\d{4})-(\d\d)-(\d\d)/.exec(day);
  if (found === null) return "";
  return new Date(Number(found[1]), Number(found[2]) - 1, Number(found[3]) + later).toISOString();
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
  /** A successor; the key itself goes on for `days` at most. */
  rotate: (api: Api, id: string, days: number) =>
    api.json<Full<Schemas["KeyRotated"]>>(`/v1/keys/${encodeURIComponent(id)}/rotate`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ grace_days: days }),
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
