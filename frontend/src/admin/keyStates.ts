import type { Key } from "../client/admin";

export function stateOf(key: Key): "good" | "expired" | "revoked" {
  if (key.revoked_at !== null) return "revoked";
  return key.expired ? "expired" : "good";
}

/** Whether it opens anything now. */
export function holds(key: Key): boolean {
  return stateOf(key) === "good";
}

export function nameOf(key: Key): string {
  return key.label || key.id;
}

/** Whether it speaks for this person, however their credential writes their name. */
export function isOwnKey({ user }: Key, own: string): boolean {
  return user.toLowerCase() === own.toLowerCase();
}

/** The scopes that no other key holds: what nobody can do by a key once this one is gone. */
export function aloneIn(key: Key, all: readonly Key[]): string[] {
  const others = new Set(all.filter((one) => one.id !== key.id && holds(one)).flatMap(({ scopes }) => scopes));
  return key.scopes.filter((scope) => scope !== "read" && !others.has(scope));
}
