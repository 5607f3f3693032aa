import type { Me } from "../client/types";
import { words } from "../strings";
import { formatLabel } from "../ui/format";

/** Who may be chosen as a reader: one's own groups, oneself, and those who are named already. */
export interface Choice {
  token: string;
  name: string;
}

export function choices(me: Me, named: Iterable<string> = []): Choice[] {
  const told = words.documents.readers;
  const own: Choice[] = [
    ...me.groups.map((group) => ({ token: `group:${group}`, name: told.group(group) })),
    { token: `user:${me.user}`, name: told.me(me.user) },
  ];
  const known = new Set(own.map(({ token }) => token));
  const others = [...new Set(named)].filter((token) => !known.has(token)).sort();
  return [...own, ...others.map((token) => ({ token, name: told.other(formatLabel(token)) }))];
}

/** Those that may read all of them, and whether they differ. */
export function common(documents: { allow: string[] }[]): { allow: string[]; differ: boolean } {
  const [first, ...rest] = documents;
  const allow = (first?.allow ?? []).filter((token) => rest.every((one) => one.allow.includes(token)));
  return { allow, differ: documents.some((one) => one.allow.length !== allow.length) };
}

/** Whether the person would still be among the readers. */
export function keepsOwn(me: Me, allow: string[]): boolean {
  return allow.some((token) => token === `user:${me.user}` || me.groups.some((group) => token === `group:${group}`));
}
