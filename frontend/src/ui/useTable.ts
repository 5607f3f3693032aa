import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { readSort, type Sort, writeSort } from "./tables";

export interface TableState {
  sort: Sort;
  /** From 1. */
  page: number;
  setSort: (sort: Sort) => void;
  setPage: (page: number) => void;
}

/** How a table is sorted and which page of it is shown, as the address has it. `name`: where a view has several. */
export function useTable(columns: readonly string[], usual: Sort, name = ""): TableState {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const [sortKey, pageKey] = name === "" ? ["sort", "page"] : [`${name}-sort`, `${name}-page`];
  const put = useCallback(
    (values: Record<string, unknown>) => {
      const next = (known: Record<string, unknown>) => ({ ...known, ...values });
      void navigate({ to: ".", search: next as never, replace: true, resetScroll: false });
    },
    [navigate],
  );
  return {
    sort: readSort(search[sortKey], columns, usual),
    page: Number(search[pageKey] ?? 1),
    setSort: (sort) => put({ [sortKey]: writeSort(sort), [pageKey]: undefined }),
    setPage: (page) => put({ [pageKey]: page === 1 ? undefined : page }),
  };
}
