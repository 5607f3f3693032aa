import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useSigned } from "../app/context";
import { type Conversation, conversations } from "../client/conversations";

export interface Wanted {
  shared: boolean;
  matter: string;
  /** Words of titles. */
  search: string;
}

/** The conversations of a list, as far as they are loaded; all pages of it while titles are searched, for the server cannot. */
export function useList({ shared, matter, search }: Wanted) {
  const { api } = useSigned();
  const query = useInfiniteQuery({
    queryKey: ["conversations", "list", shared, matter],
    queryFn: ({ pageParam }) => conversations.list(api, { shared, matter: shared ? "" : matter, after: pageParam }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
  const { data, hasNextPage, isFetching, isError, fetchNextPage } = query;
  const searching = search.trim() !== "";
  useEffect(() => {
    if (searching && hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [searching, hasNextPage, isFetching, isError, fetchNextPage]);
  const loaded = data?.pages.flatMap((page) => page.conversations) ?? [];
  return { ...query, loaded, found: matching(loaded, search), total: data?.pages.at(-1)?.total ?? 0, searching };
}

/** Those with every word in their title. */
export function matching(all: Conversation[], search: string): Conversation[] {
  const wanted = search.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter(({ title }) => wanted.every((word) => title.toLowerCase().includes(word)));
}
