import type { Asked } from "../client/documents";
import type { DocumentSort } from "../client/types";
import { words } from "../strings";

export const AS_USUAL: Asked = {
  q: "", sort: "source", order: "asc", kind: "", label: "", language: "", from: "", to: "", warnings: "",
};

/** What narrows a list, in the order in which it is told. */
export const FILTERS = ["kind", "label", "language", "from", "to", "warnings"] as const;
export type FilterName = (typeof FILTERS)[number];

const DAY = /^\d{4}-\d\d-\d\d$/;
const LABEL = /^(group|user):\S{1,200}$/;
const LANGUAGE = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/;

/** What the address asks of the list; what it does not know is as usual. */
export function readAsked(search: Record<string, unknown>): Asked {
  const told = (name: string) => (search[name] === undefined ? "" : String(search[name]));
  const like = (name: string, pattern: RegExp) => (pattern.test(told(name)) ? told(name) : "");
  const day = (name: string) => (Number.isNaN(Date.parse(like(name, DAY))) ? "" : told(name));
  return {
    q: told("q").slice(0, 200),
    sort: told("sort") in words.documents.sorts ? (told("sort") as DocumentSort) : AS_USUAL.sort,
    order: told("order") === "desc" ? "desc" : "asc",
    kind: told("kind").slice(0, 100),
    label: like("label", LABEL) || (told("group") === "" ? "" : `group:${told("group")}`), // as addresses had it before
    language: like("language", LANGUAGE),
    from: day("from"),
    to: day("to"),
    warnings: told("warnings") === "true" ? "true" : "",
  };
}

/** As an address has it: what is as usual is left out of it. */
export function writeAsked(asked: Asked): Record<keyof Asked | "group", string | undefined> {
  const told = Object.entries(asked).map(([name, value]) => [name, value === AS_USUAL[name as keyof Asked] ? undefined : value]);
  return { ...(Object.fromEntries(told) as Record<keyof Asked, string | undefined>), group: undefined };
}

/** The filters that are set. */
export function filtersOf(asked: Asked): FilterName[] {
  return FILTERS.filter((name) => asked[name] !== "");
}

export function isNarrowed(asked: Asked): boolean {
  return asked.q !== "" || filtersOf(asked).length > 0;
}

/** Whether no day can lie between the two. */
export function isCrossed({ from, to }: Asked): boolean {
  return from !== "" && to !== "" && from > to;
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
