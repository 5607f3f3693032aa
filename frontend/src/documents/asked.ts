import type { Asked } from "../client/documents";
import type { DocumentSort } from "../client/types";
import { words } from "../strings";

export const AS_USUAL: Asked = { q: "", sort: "source", order: "asc", kind: "", group: "", warnings: "" };

/** What the address asks of the list; what it does not know is as usual. */
export function readAsked(search: Record<string, unknown>): Asked {
  const told = (name: keyof Asked) => (search[name] === undefined ? "" : String(search[name]));
  const sort = told("sort") in words.documents.sorts ? (told("sort") as DocumentSort) : AS_USUAL.sort;
  const order = told("order") === "desc" ? "desc" : "asc";
  const warnings = told("warnings") === "true" ? "true" : "";
  return { q: told("q").slice(0, 200), sort, order, kind: told("kind").slice(0, 100), group: told("group"), warnings };
}

/** As an address has it: what is as usual is left out of it. */
export function writeAsked(asked: Asked): Record<keyof Asked, string | undefined> {
  const told = Object.entries(asked).map(([name, value]) => [name, value === AS_USUAL[name as keyof Asked] ? undefined : value]);
  return Object.fromEntries(told) as Record<keyof Asked, string | undefined>;
}

export function isNarrowed({ q, kind, group, warnings }: Asked): boolean {
  return [q, kind, group, warnings].some((value) => value !== "");
}

/** Another column from its usual end; the same one the other way round. */
export function sortedBy(asked: Asked, sort: DocumentSort): Asked {
  if (asked.sort === sort) return { ...asked, order: asked.order === "asc" ? "desc" : "asc" };
  return { ...asked, sort, order: sort === "source" || sort === "title" ? "asc" : "desc" };
}

/** As a column header says it. */
export function ariaSort(asked: Asked, sorts: DocumentSort[]): "ascending" | "descending" | "none" {
  if (!sorts.includes(asked.sort)) return "none";
  return asked.order === "asc" ? "ascending" : "descending";
}
