import { type InfiniteData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Api } from "../client/api";
import { type Asked, documents } from "../client/documents";
import { Problem } from "../client/problem";
import type { DocumentList, DocumentSummary } from "../client/types";
import { FIRST_ROWS, MOST_ROWS, nextPage, placeOf } from "./loading";

const LIST = ["documents", "list"];
/** A list that was read further than this is not read again by itself: whoever reads is told that it has changed. */
const READ_AGAIN = 3;
const PAUSE_MS = 120; // of a scroll, before what is far is asked for

interface Range {
  start: number;
  end: number;
}

export interface Rows {
  /** How many there are; null until the first page has come. */
  total: number | null;
  recycleDays: number;
  /** Undefined: not read yet, or past the end. */
  at: (index: number) => DocumentSummary | undefined;
  problem: Problem | null;
  retry: () => void;
  /** Whether an earlier list is shown while another one, that was asked for, is on its way. */
  waiting: boolean;
  /** Whether the list is walked towards a place that is far from what has been read. */
  walking: boolean;
  /** Says which rows are seen: those that lack are asked for. */
  see: (range: Range) => void;
  /** The first rows, up to as many as one answer has. */
  first: () => Promise<DocumentSummary[]>;
  forget: (ids: Iterable<string>) => void;
  /** Something was added or changed: reads again, or says that the list is outdated. */
  changed: () => void;
  outdated: boolean;
  showAnew: () => void;
}

type Page = { after: string; limit: number };
type Pages = InfiniteData<DocumentList, Page>;

/** The documents that the caller may read, as far as they are looked at. */
export function useRows(api: Api, asked: Asked): Rows {
  const client = useQueryClient();
  const [seen, setSeen] = useState<Range>({ start: 0, end: FIRST_ROWS });
  const [fromEnd, setFromEnd] = useState(false);
  const [outdated, setOutdated] = useState(false);
  const head = useEnd(api, asked, "head", true);
  const tail = useEnd(api, useMemo(() => reversed(asked), [asked]), "tail", fromEnd);
  const total = head.list.data?.pages.at(-1)?.total ?? null;
  const loaded = useMemo(
    () => ({ head: head.rows.length, tail: tail.rows.length, total: total ?? 0 }),
    [head.rows, tail.rows, total],
  );

  useEffect(() => {
    setFromEnd(false);
    setOutdated(false);
  }, [asked]);
  const next = total === null ? null : nextPage(loaded, seen.start, seen.end);
  const wanted = next === null ? "" : `${next.end} ${next.limit}`;
  useEffect(() => {
    if (wanted === "") return;
    const [end, limit] = wanted.split(" ");
    const timer = setTimeout(
      () => {
        if (end === "head") head.more(Number(limit));
        else if (!fromEnd) setFromEnd(true);
        else tail.more(Number(limit));
      },
      limit === String(MOST_ROWS) ? PAUSE_MS : 0,
    );
    return () => clearTimeout(timer);
  }, [wanted, loaded, fromEnd, head.more, tail.more]);

  const showAnew = useCallback(() => {
    setOutdated(false);
    void client.resetQueries({ queryKey: LIST });
  }, [client]);
  const drop = useCallback(() => client.removeQueries({ queryKey: LIST, type: "inactive" }), [client]);
  const long = isLong(head.list.data) || isLong(tail.list.data);
  const changed = useCallback(() => {
    drop();
    if (long) setOutdated(true);
    else void client.invalidateQueries({ queryKey: LIST });
  }, [client, drop, long]);
  const forget = useCallback(
    (ids: Iterable<string>) => {
      const gone = new Set(ids);
      const keys = [head.key, tail.key];
      const there = new Set(keys.flatMap((key) => rowsOf(client.getQueryData<Pages>(key)?.pages)).map((one) => one.document_id));
      const fewer = [...gone].filter((id) => there.has(id)).length;
      for (const key of keys) client.setQueryData<Pages>(key, (data) => data && withoutRows(data, gone, fewer));
      drop();
      if (!long) void client.invalidateQueries({ queryKey: LIST });
    },
    [client, drop, long, head.key, tail.key],
  );
  const first = async () => {
    const there = head.rows.slice(0, MOST_ROWS);
    if (there.length >= Math.min(total ?? 0, MOST_ROWS)) return there;
    return (await documents.page(api, asked, "", MOST_ROWS)).documents;
  };
  const error = head.list.error ?? tail.list.error;
  const rows = { head: head.rows, tail: tail.rows };
  return {
    total,
    recycleDays: head.list.data?.pages[0]?.recycle_days ?? 0,
    at: (index) => {
      const place = placeOf(loaded, index);
      return place === null ? undefined : rows[place.end][place.at];
    },
    problem: error === null ? null : Problem.from(error),
    retry: () => void (head.list.error === null ? tail.list.refetch() : head.list.refetch()),
    waiting: head.list.isPlaceholderData,
    walking: next?.limit === MOST_ROWS,
    see: useCallback(
      (range) => setSeen((before) => (before.start === range.start && before.end === range.end ? before : range)),
      [],
    ),
    first,
    forget,
    changed,
    outdated,
    showAnew,
  };
}

function useEnd(api: Api, asked: Asked, end: "head" | "tail", enabled: boolean) {
  const limit = useRef(FIRST_ROWS);
  const key = useMemo(() => [...LIST, end, asked], [end, asked]);
  const list = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => documents.page(api, asked, pageParam.after, pageParam.limit, signal),
    initialPageParam: { after: "", limit: FIRST_ROWS } as Page,
    getNextPageParam: (last): Page | undefined => (last.next === null ? undefined : { after: last.next, limit: limit.current }),
    enabled,
    // An earlier list stays until another order or other words have brought theirs: nothing jumps meanwhile.
    placeholderData: (before?: Pages) => (end === "head" ? before : undefined),
    refetchOnMount: ({ state }) => !isLong(state.data),
    refetchOnWindowFocus: ({ state }) => !isLong(state.data),
    refetchOnReconnect: ({ state }) => !isLong(state.data),
  });
  const { data, isFetching, isPlaceholderData, error, hasNextPage, fetchNextPage } = list;
  const rows = useMemo(() => (enabled ? rowsOf(data?.pages) : []), [data, enabled]);
  const more = useCallback(
    (rowsMore: number) => {
      if (isFetching || isPlaceholderData || error !== null || !hasNextPage) return;
      limit.current = rowsMore;
      void fetchNextPage();
    },
    [isFetching, isPlaceholderData, error, hasNextPage, fetchNextPage],
  );
  return { key, list, rows, more };
}

function reversed(asked: Asked): Asked {
  return { ...asked, order: asked.order === "asc" ? "desc" : "asc" };
}

function isLong(data: unknown): boolean {
  return ((data as Pages | undefined)?.pages.length ?? 0) > READ_AGAIN;
}

function rowsOf(pages: DocumentList[] | undefined): DocumentSummary[] {
  return pages?.flatMap((page) => page.documents) ?? [];
}

function withoutRows(data: Pages, gone: Set<string>, fewer: number): Pages {
  const pages = data.pages.map((page) => ({
    ...page,
    documents: page.documents.filter(({ document_id }) => !gone.has(document_id)),
    total: page.total - fewer,
  }));
  return { ...data, pages };
}
