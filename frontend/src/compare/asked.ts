import type { Only, VersionAsked } from "../client/sources";
import { readPlace } from "../app/places";

/** What the address asks to be compared; null where it does not name two versions. */
export interface ComparisonAsked {
  old: VersionAsked;
  now: VersionAsked;
  only: Only[];
}

export const KINDS = ["changed", "added", "removed", "moved", "renumbered"] as const;
export const CHANGES = [
  "amount",
  "date",
  "number",
  "party",
  "modal",
  "negation",
  "reference",
  "name",
  "wording",
  "punctuation",
] as const;

/** Of `/compare?old=ID.VERSION&new=ID.VERSION&only=amount,date`. */
export function readAsked(search: Record<string, unknown>): ComparisonAsked | null {
  const [old, now] = [search["old"], search["new"]].map((words) => (typeof words === "string" ? readPlace(words) : null));
  if (!old || !now) return null;
  const wanted = typeof search["only"] === "string" ? search["only"].split(",") : [];
  const only = [...KINDS, ...CHANGES].filter((one) => wanted.includes(one));
  return { old, now, only };
}
