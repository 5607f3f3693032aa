import { useCallback, useEffect, useRef, useState } from "react";
import type { Api } from "../client/api";
import { Problem } from "../client/problem";
import type { DocumentList, DocumentSort } from "../client/types";

const PAGE = 50;
const MOST = 1000; // rows of one answer

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
  const shown = useRef(0);

  const ask = useCallback(
    async (before: DocumentList | null) => {
      const mine = ++turn.current;
      setProblem(null);
      setBusy(true);
      try {
        const limit = before === null ? Math.min(Math.max(PAGE, shown.current), MOST) : PAGE;
        const found = await api.documents({ q: words, sort, order, limit, after: before?.next ?? "" });
        if (mine !== turn.current) return;
        const list = before === null ? found : { ...found, documents: [...before.documents, ...found.documents] };
        shown.current = list.documents.length;
        setList(list);
      } catch (error) {
        if (mine === turn.current) setProblem(Problem.from(error));
      } finally {
        if (mine === turn.current) setBusy(false);
      }
    },
    [api, words, sort, order],
  );
  /** Once more, as far as the list was shown. */
  const load = useCallback(() => ask(null), [ask]);
  useEffect(() => {
    shown.current = 0;
    void load();
  }, [load]);

  return { list, problem, busy, load, more: () => ask(list) };
}
