import type { ReadersChange } from "../client/documents";
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

/** Whether somebody may read all of some documents, none, or some of them. */
export type Reads = "all" | "none" | "some";

export function readsNow(token: string, documents: { allow: string[] }[]): Reads {
  const number = documents.filter(({ allow }) => allow.includes(token)).length;
  if (number === 0) return "none";
  return number === documents.length ? "all" : "some";
}

/** What has to change so that everybody reads as wished; who is not wished for otherwise stays as it is. */
export function changeOf(wished: ReadonlyMap<string, boolean>, documents: { allow: string[] }[]): ReadersChange {
  const add: string[] = [];
  const remove: string[] = [];
  for (const [token, reads] of wished) {
    const now = readsNow(token, documents);
    if (reads && now !== "all") add.push(token);
    if (!reads && now !== "none") remove.push(token);
  }
  return { add, remove };
}

/** Who may read each document afterwards. */
export function afterwards({ add, remove }: ReadersChange, documents: { allow: string[] }[]): string[][] {
  return documents.map(({ allow }) => [...new Set([...allow.filter((token) => !remove.includes(token)), ...add])]);
}

/** Whether the person would still be among the readers. */
export function keepsOwn(me: Me, allow: string[]): boolean {
  return allow.some((token) => token === `user:${me.user}` || me.groups.some((group) => token === `group:${group}`));
}
