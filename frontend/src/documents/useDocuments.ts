import { useCallback, useEffect, useRef, useState } from "react";
import type { Api } from "../client/api";
import { Problem } from "../client/problem";
import type { DocumentList, DocumentSort } from "../client/types";

const PAGE = 50;

/** What is asked of the list: words that stand in title, source or names, and its order. */
export interface ListAsked {
  words: string;
  sort: DocumentSort;
  order: "asc" | "desc";
}

/** The documents that the caller may read, as far as they have been asked for. */
export function useDocuments(api: Api, { words, sort, order }: ListAsked) {
  const [list, setList] = useState<DocumentList | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const turn = useRef(0); // what an older request brings is no longer wanted

  const ask = useCallback(
    async (before: DocumentList | null) => {
      const mine = ++turn.current;
      setProblem(null);
      setBusy(true);
      try {
        const found = await api.documents({ q: words, sort, order, limit: PAGE, after: before?.next ?? "" });
        if (mine !== turn.current) return;
        setList(before === null ? found : { ...found, documents: [...before.documents, ...found.documents] });
      } catch (error) {
        if (mine === turn.current) setProblem(Problem.from(error));
      } finally {
        if (mine === turn.current) setBusy(false);
      }
    },
    [api, words, sort, order],
  );
  const load = useCallback(() => ask(null), [ask]);
  useEffect(() => void load(), [load]);

  return { list, problem, busy, load, more: () => ask(list) };
}
