import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Dispatch, useCallback, useEffect, useReducer, useRef, useState } from "react";
import { useSigned } from "../app/context";
import type { Api } from "../client/api";
import { readAnswer } from "../client/feedback";
import { Problem } from "../client/problem";
import { type Changed, readReview, type ReviewDetail, type ReviewEvent, reviewEvents, type Wanted } from "../client/reviews";
import type { Answer } from "../client/types";
import { useVisible } from "../ui/hooks";
import { type Matrix, type MatrixAction, NO_MATRIX, reduceMatrix } from "./matrix";

const PAGE = 50;
const GATHER_MS = 120;
const PAUSES_MS = [500, 2000, 5000, 15_000];
const LOOK_MS = 30_000;
const REFRESH_MS = 2000;
const KEPT_MS = 60_000;

export interface OpenedMatrix {
  matrix: Matrix;
  dispatch: Dispatch<MatrixAction>;
  /** Why rows could not be read; null while they can. */
  problem: Problem | null;
  /** Whether the connection over which it is followed is down for now. */
  lost: boolean;
  /** Reads rows until there are so many. */
  need: (rows: number) => void;
  retry: () => void;
  /** Asks how it stands now. */
  look: () => Promise<void>;
}

/**
 * A review as it fills: rows are read as they are needed, and followed while cells wait and the page is seen. `cells`: of
 * the rows those that have such a cell.
 */
export function useMatrix(id: string, cells: Wanted | ""): OpenedMatrix {
  const { api } = useSigned();
  const queries = useQueryClient();
  const [matrix, dispatch] = useReducer(reduceMatrix, NO_MATRIX);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [lost, setLost] = useState(false);
  const [needed, setNeeded] = useState(1);
  const visible = useVisible();
  const latest = useRef(matrix);
  latest.current = matrix;
  const wanted = useRef(cells);
  useEffect(() => {
    if (wanted.current === cells) return;
    wanted.current = cells;
    dispatch({ type: "begin" });
  }, [cells]);

  const page = useCallback(
    async (after: string, limit = PAGE) => {
      const { tick } = latest.current;
      const found = await readReview(api, id, after, limit, cells);
      remember(queries, found);
      if (wanted.current !== cells) return found;
      const { rows, next, ...review } = found;
      dispatch({ type: "read", after, review, rows, next, tick });
      return found;
    },
    [api, id, queries, cells],
  );

  const reading = useRef(false);
  const [reads, setReads] = useState(0);
  useEffect(() => {
    const { next, rows } = matrix;
    if (reading.current || next === null || problem !== null || rows.length >= needed) return;
    reading.current = true;
    page(next ?? "")
      .catch((error: unknown) => {
        // The document after which it would go on is gone.
        if (Problem.from(error).code === "invalid_review" && rows.length > 0) dispatch({ type: "begin" });
        else setProblem(Problem.from(error));
      })
      .finally(() => {
        reading.current = false;
        setReads((count) => count + 1);
      });
  }, [matrix, needed, page, problem, reads]);

  useReadAgain(matrix, page, setProblem);
  const running = matrix.review?.status === "running";
  useFollowed(api, id, visible && running, latest, dispatch, setLost);
  const look = useCallback(async () => {
    const { rows: _first, next: _rest, ...review } = await readReview(api, id, "", 1);
    dispatch({ type: "changed", review });
  }, [api, id]);
  const begun = matrix.review !== null;
  useEffect(() => {
    if (!visible || running || !begun) return;
    const timer = setInterval(() => void look().catch(() => undefined), LOOK_MS);
    return () => clearInterval(timer);
  }, [visible, running, begun, look]);

  return {
    matrix,
    dispatch,
    problem,
    lost,
    look,
    need: useCallback((rows) => setNeeded((before) => Math.max(before, rows)), []),
    retry: useCallback(() => setProblem(null), []),
  };
}

/** Reads again what was read, when it is outdated: soon, but not for each of many changes. */
function useReadAgain(matrix: Matrix, page: (after: string) => Promise<ReviewDetail>, onProblem: (problem: Problem) => void) {
  const { outdated } = matrix;
  const known = useRef(0);
  known.current = matrix.rows.length;
  useEffect(() => {
    if (outdated === 0) return;
    let over = false;
    async function again() {
      let after: string | null = "";
      for (let count = 0; after !== null && count < Math.max(known.current, 1) && !over; ) {
        const found: ReviewDetail = await page(after);
        count += found.rows.length;
        after = found.next;
      }
    }
    const timer = setTimeout(() => again().catch((error: unknown) => onProblem(Problem.from(error))), REFRESH_MS);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [outdated, page, onProblem]);
}

function useFollowed(
  api: Api,
  id: string,
  wanted: boolean,
  latest: { current: Matrix },
  dispatch: Dispatch<MatrixAction>,
  onLost: (lost: boolean) => void,
) {
  useEffect(() => {
    if (!wanted) return;
    const controller = new AbortController();
    void follow(api, id, latest, dispatch, onLost, controller.signal);
    return () => {
      controller.abort();
      onLost(false);
    };
  }, [api, id, wanted, latest, dispatch, onLost]);
}

/** Opens the connection again where it breaks. Events are gathered, so that many at once are drawn once. */
async function follow(
  api: Api,
  id: string,
  latest: { current: Matrix },
  dispatch: Dispatch<MatrixAction>,
  onLost: (lost: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  let gathered: ReviewEvent[] = [];
  const tell = () => {
    if (gathered.length > 0) dispatch({ type: "told", events: gathered });
    gathered = [];
  };
  const timer = setInterval(tell, GATHER_MS);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  for (let breaks = 0; !signal.aborted; breaks += 1) {
    try {
      for await (const event of reviewEvents(api, id, latest.current.place, signal)) {
        gathered.push(event);
        onLost(false);
        breaks = 0;
      }
    } catch (error) {
      if (signal.aborted) return;
      const { status } = Problem.from(error);
      if (status === 401 || status === 404) return;
      onLost(true);
    }
    tell();
    await new Promise((resolve) => setTimeout(resolve, PAUSES_MS[Math.min(breaks, PAUSES_MS.length - 1)]));
  }
}

/** The answer of a cell with what has changed since. */
export interface Kept {
  answer: Answer;
  changed: Changed[];
}

const keptKey = (audit_id: string) => ["reviews", "answer", audit_id] as const;

/** What came with rows is there when a cell is opened, and forgotten some minutes after nobody looks at it. */
function remember(queries: QueryClient, { rows }: ReviewDetail) {
  for (const { cells } of rows) {
    for (const { audit_id, answer, changed } of cells) {
      if (audit_id !== null && answer !== null) queries.setQueryData<Kept>(keptKey(audit_id), { answer, changed });
    }
  }
}

/** The answer with this id; nothing is asked where there is none, or it is not wanted. */
export function useKept(audit_id: string | null, wanted = true) {
  const { api } = useSigned();
  return useQuery<Kept>({
    queryKey: keptKey(audit_id ?? ""),
    queryFn: async ({ signal }) => {
      const { answer, changed } = await readAnswer(api, audit_id ?? "", signal);
      return { answer, changed };
    },
    enabled: wanted && audit_id !== null,
    staleTime: KEPT_MS,
  });
}
