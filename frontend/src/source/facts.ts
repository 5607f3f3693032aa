import type { Fact, FactKind } from "../client/types";
import { words } from "../strings";
import { formatDate } from "../ui/format";

/** What each kind of fact is called, in the order in which they are shown. */
export const FACT_KINDS: Record<FactKind, string> = words.facts.kinds;

/** The value as a person reads it, with what the document calls a party or what an expiry was counted from. */
export function factValue({ kind, value, role, term }: Fact): string {
  const shown = kind.endsWith("_date") ? formatDate(value) : value;
  const called = [role, term === "" ? "" : `“${term}”`].filter(Boolean).join(", ");
  return called === "" ? shown : `${shown} (${called})`;
}

/** Who set a fact, and when; empty for one that was found in the words. */
export function setBy({ set_by, set_at }: Fact): string {
  if (set_by === null) return "";
  const who = set_by.replace(/^user:/, "");
  return set_at === null ? words.facts.setBy(who) : words.facts.setByOn(who, formatDate(set_at));
}
