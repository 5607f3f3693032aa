import type { ReactNode } from "react";
import type { Asked } from "../client/documents";
import type { DocumentSort } from "../client/types";
import { words } from "../strings";
import type { Column } from "../ui/VirtualGrid";
import { ariaSort } from "./asked";

const told = words.documents;

export type Layout = "wide" | "middle" | "cards";

/** From how many rem on all columns fit; below that some go, and then a row becomes a card. */
const WIDE = 70;
const MIDDLE = 40;

export function layoutOf(width: number): Layout {
  if (width >= WIDE) return "wide";
  return width >= MIDDLE ? "middle" : "cards";
}

/** In rem. */
export const ROW_HEIGHT: Record<Layout, number> = { wide: 3.25, middle: 3.25, cards: 7 };

const COLUMNS = ["select", "document", "kind", "version", "date", "added", "size", "allow", "warnings", "actions"] as const;
const LEFT_OUT: Record<Layout, readonly string[]> = { wide: [], middle: ["kind", "size", "version", "warnings"], cards: [] };
const SORTED: Record<string, DocumentSort[]> = {
  document: ["title", "source"],
  date: ["date"],
  added: ["added_at"],
  size: ["bytes"],
};

/** The columns at a width; `select`: what stands over the boxes, undefined where nothing can be selected. */
export function columnsOf(layout: Layout, asked: Asked, select: ReactNode | undefined, onSort: (sort: DocumentSort) => void): Column[] {
  const ids = COLUMNS.filter((id) => !LEFT_OUT[layout].includes(id) && (id !== "select" || select !== undefined));
  return ids.map((id) => {
    if (id === "select") return { id, header: select };
    if (id === "actions") return { id, header: <span className="visually-hidden">{told.columns.actions}</span> };
    const sorts = SORTED[id];
    if (sorts === undefined) return { id, header: told.columns[id] };
    return {
      id,
      sort: ariaSort(asked, sorts),
      header: sorts.map((sort) => (
        <SortButton key={sort} name={sorts.length > 1 ? told.sorts[sort] : told.columns[id]} sort={sort} asked={asked} onSort={onSort} />
      )),
    };
  });
}

interface SortProps {
  name: string;
  sort: DocumentSort;
  asked: Asked;
  onSort: (sort: DocumentSort) => void;
}

export function SortButton({ name, sort, asked, onSort }: SortProps) {
  const sign = asked.sort !== sort ? "" : asked.order === "asc" ? "↑" : "↓";
  return (
    <button type="button" className={sign === "" ? "sort" : "sort sorted"} onClick={() => onSort(sort)}>
      {name}
      <span className="sort-sign" aria-hidden="true">
        {sign}
      </span>
    </button>
  );
}
