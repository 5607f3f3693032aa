import type { QueryRequest, Session, Strictness } from "../client/types";

/** A document that was chosen, with the title that it had then. */
export interface ChosenDocument {
  id: string;
  title: string;
}

/** What a question, or a review, may rest on. "" and [] narrow nothing. Days are ISO dates, both ends included. */
export interface Filter {
  /** The versions in force on this day in place of the newest. */
  asOf: string;
  documents: ChosenDocument[];
  kinds: string[];
  groups: string[];
  from: string;
  to: string;
  /** "": as the service is set up. */
  strictness: Strictness | "";
}

export type FilterField = "as_of" | "documents" | "kinds" | "groups" | "dates" | "strictness";

export const ALL_FIELDS: FilterField[] = ["documents", "as_of", "dates", "kinds", "groups", "strictness"];

export const NO_FILTER: Filter = { asOf: "", documents: [], kinds: [], groups: [], from: "", to: "", strictness: "" };

/** At most as many as one request takes. */
export const LIMITS = { documents: 1000, kinds: 50, groups: 200 };

export type FilterQuery = Pick<QueryRequest, "as_of" | "documents" | "kinds" | "groups" | "dates"> & { strictness?: Strictness };

/** The fields of `POST /v1/query`; what narrows nothing is left out. */
export function toQuery({ asOf, documents, kinds, groups, from, to, strictness }: Filter): FilterQuery {
  return {
    ...(asOf !== "" && { as_of: asOf }),
    ...(documents.length > 0 && { documents: documents.map(({ id }) => id) }),
    ...(kinds.length > 0 && { kinds }),
    ...(groups.length > 0 && { groups }),
    ...((from !== "" || to !== "") && { dates: { ...(from !== "" && { from }), ...(to !== "" && { to }) } }),
    ...(strictness !== "" && { strictness }),
  };
}

export function isEmpty(filter: Filter): boolean {
  return Object.keys(toQuery(filter)).length === 0;
}

/** Whether the days are in order; the server would refuse the others. */
export function isValid({ from, to }: Filter): boolean {
  return from === "" || to === "" || from <= to;
}

/** The levels of strictness that one may ask for here besides the usual one; none where there is no choice. */
export function offeredStrictness({ strictness }: Session): Strictness[] {
  return strictness.offered.filter((level) => level !== strictness.default);
}
