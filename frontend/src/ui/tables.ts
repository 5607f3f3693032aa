/** What a column is ordered by; null where a row has nothing there, which comes last in both directions. */
export type Order = string | number | null;

/** How a table is sorted: by the column of that id. */
export interface Sort {
  by: string;
  descending: boolean;
}

const collator = new Intl.Collator("en-GB", { numeric: true, sensitivity: "base" });

/** A copy in that order; rows that are alike stay in theirs. */
export function sorted<T>(rows: readonly T[], order: (row: T) => Order, descending: boolean): T[] {
  const turned = descending ? -1 : 1;
  return rows
    .map((row, at) => ({ row, at, key: order(row) }))
    .sort((one, other) => {
      if (one.key === null || other.key === null) return Number(one.key === null) - Number(other.key === null) || one.at - other.at;
      const difference =
        typeof one.key === "number" && typeof other.key === "number" ? one.key - other.key : collator.compare(String(one.key), String(other.key));
      return turned * difference || one.at - other.at;
    })
    .map(({ row }) => row);
}

/** Of the address: "name" or "-name", from the highest. */
export function readSort(text: unknown, columns: readonly string[], usual: Sort): Sort {
  const found = typeof text === "string" ? /^(-?)(.+)$/.exec(text) : null;
  return found !== null && columns.includes(found[2] ?? "") ? { by: found[2] ?? "", descending: found[1] === "-" } : usual;
}

export function writeSort({ by, descending }: Sort): string {
  return descending ? `-${by}` : by;
}

/** The rows of a page, from 1, and which page that is: the last one where there is no such page. */
export function pageOf<T>(rows: readonly T[], page: number, size: number): { rows: T[]; page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const shown = Math.min(Math.max(1, Math.trunc(page) || 1), pages);
  return { rows: rows.slice((shown - 1) * size, shown * size), page: shown, pages };
}
