import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import type { Api } from "../client/api";
import { type Asked, documents } from "../client/documents";
import { Problem } from "../client/problem";
import type { DocumentList, DocumentSummary } from "../client/types";
import { isNear, MOST_ROWS, PAGE_ROWS, pagesOf, type Range } from "./loading";

const LIST = ["documents", "list"];
const PAUSE_MS = 80; // of a scroll, before what is far is asked for
const KEPT_MS = 120_000; // a page that nobody looks at

export interface Rows {
  /** How many there are; null until the first page has come. */
  total: number | null;
  recycleDays: number;
  /** What the rows that are shown were asked for; null before any. */
  shown: Asked | null;
  /** Undefined: not read yet, or past the end. */
  at: (index: number) => DocumentSummary | undefined;
  problem: Problem | null;
  retry: () => void;
  /** Whether an earlier list is shown while another one, that was asked for, is on its way. */
  waiting: boolean;
  /** Says which rows are seen: those that lack are asked for. */
  see: (range: Range) => void;
  /** Rows from one on, up to as many as one answer has, read where they are not yet. */
  read: (start: number, count: number) => Promise<DocumentSummary[]>;
  forget: (ids: Iterable<string>) => void;
  /** Something was added or changed: what is seen is read again. */
  changed: () => void;
}

/** What is shown of a list: what was asked for, and how many fit it. */
interface Shown {
  asked: Asked;
  total: number;
}

/** The documents that the caller may read, as far as they are looked at. */
export function useRows(api: Api, asked: Asked): Rows {
  const client = useQueryClient();
  const [shown, setShown] = useState<Shown | null>(null);
  const { seen, see } = useSeen();
  const wanted = shown?.asked === asked ? pagesOf(seen, shown.total) : [0];
  const found = useQueries({
    queries: wanted.map((page) => ({
      queryKey: [...LIST, asked, page],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        documents.page(api, asked, { skip: page * PAGE_ROWS, limit: PAGE_ROWS }, signal),
      gcTime: KEPT_MS,
    })),
  });
  const newest = found.filter(({ data }) => data !== undefined).sort((a, b) => b.dataUpdatedAt - a.dataUpdatedAt)[0]?.data;
  if (newest !== undefined && (shown?.asked !== asked || shown.total !== newest.total)) setShown({ asked, total: newest.total });

  // Of a list that has grown or shrunk the other pages are not what they were.
  const before = useRef(shown);
  useEffect(() => {
    const grown = before.current !== null && shown?.asked === before.current.asked && shown.total !== before.current.total;
    before.current = shown;
    if (grown) void client.invalidateQueries({ queryKey: [...LIST, shown.asked] });
  }, [client, shown]);

  const changed = useCallback(() => void client.invalidateQueries({ queryKey: LIST }), [client]);
  const forget = useCallback(
    (ids: Iterable<string>) => {
      const gone = new Set(ids);
      client.removeQueries({ queryKey: LIST, type: "inactive" });
      const pages = client.getQueriesData<DocumentList>({ queryKey: LIST });
      const there = new Set(pages.flatMap(([, page]) => page?.documents ?? []).map((one) => one.document_id));
      const fewer = [...gone].filter((id) => there.has(id)).length;
      for (const [key] of pages) client.setQueryData<DocumentList>(key, (page) => page && withoutRows(page, gone, fewer));
      changed();
    },
    [client, changed],
  );
  const pageOf = (page: number) => client.getQueryData<DocumentList>([...LIST, shown?.asked, page]);
  const at = (index: number) => pageOf(Math.floor(index / PAGE_ROWS))?.documents[index % PAGE_ROWS];
  const read = async (start: number, count: number) => {
    const limit = Math.min(count, MOST_ROWS);
    const there = Array.from({ length: limit }, (_, step) => at(start + step)).filter((one) => one !== undefined);
    if (there.length === Math.min(limit, Math.max((shown?.total ?? 0) - start, 0))) return there;
    return (await documents.page(api, asked, { skip: start, limit })).documents;
  };
  const failed = found.filter(({ error }) => error !== null);
  return {
    total: shown?.total ?? null,
    recycleDays: newest?.recycle_days ?? pageOf(0)?.recycle_days ?? 0,
    shown: shown?.asked ?? null,
    at,
    problem: failed[0] === undefined ? null : Problem.from(failed[0].error),
    retry: () => {
      for (const one of failed) void one.refetch();
    },
    waiting: shown !== null && shown.asked !== asked,
    see,
    read,
    forget,
    changed,
  };
}

/** The rows that are looked at; while somebody scrolls far, those from which they came. */
function useSeen() {
  const [seen, setSeen] = useState<Range>({ start: 0, end: PAGE_ROWS });
  const latest = useRef(seen);
  const rest = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const see = useCallback((range: Range) => {
    clearTimeout(rest.current);
    const take = () => {
      latest.current = range;
      setSeen(range);
    };
    if (isNear(latest.current, range)) take();
    else rest.current = setTimeout(take, PAUSE_MS);
  }, []);
  useEffect(() => () => clearTimeout(rest.current), []);
  return { seen, see };
}

function withoutRows(page: DocumentList, gone: Set<string>, fewer: number): DocumentList {
  return { ...page, documents: page.documents.filter(({ document_id }) => !gone.has(document_id)), total: page.total - fewer };
}
