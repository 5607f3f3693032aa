import { type Dispatch, useCallback, useEffect, useReducer, useRef, useState } from "react";
import type { Api } from "../client/api";
import { Problem } from "../client/problem";
import type { JobDetail } from "../client/types";
import { useVisible } from "../ui/hooks";
import { isOver, type JobsAction, type Known, NO_JOBS, reduceJobs } from "./state";

export interface Jobs {
  jobs: Known[];
  /** Null until the list has come. */
  loaded: boolean;
  problem: Problem | null;
  /** Whether the connection over which jobs are followed is down for now. */
  lost: boolean;
  reload: () => Promise<void>;
  /** Undefined where there are none. */
  older: (() => Promise<void>) | undefined;
  onRead: (detail: JobDetail) => void;
}

const PAGE = 10;
/** A browser keeps six connections to a service; those who look at one job must still be able to ask. */
const FOLLOWED_AT_ONCE = 2;
const PAUSES_MS = [500, 2000, 5000, 15_000];
const LOOK_MS = 5000;
const REFRESH_MS = 2000;

/** The caller's jobs, followed while the page is seen. `handedIn` grows when there is a new one. */
export function useJobs(api: Api, handedIn: number, onSearchable: () => void): Jobs {
  const [state, dispatch] = useReducer(reduceJobs, NO_JOBS);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [lost, setLost] = useState(false);
  const visible = useVisible();

  const reload = useCallback(async () => {
    try {
      const { jobs, next } = await api.jobs(PAGE);
      dispatch({ type: "listed", jobs, next });
      setProblem(null);
    } catch (error) {
      setProblem(Problem.from(error));
    }
  }, [api]);
  useEffect(() => {
    if (visible) void reload();
  }, [reload, handedIn, visible]);

  const running = state.jobs.filter(({ job }) => !isOver(job)).map(({ job }) => job.id);
  useFollowed(api, visible ? running.slice(-FOLLOWED_AT_ONCE) : [], state.jobs, dispatch, setLost);
  const looks = visible && running.length > FOLLOWED_AT_ONCE;
  useEffect(() => {
    if (!looks) return;
    const timer = setInterval(() => void reload(), LOOK_MS);
    return () => clearInterval(timer);
  }, [looks, reload]);
  useRefreshed(state.jobs.reduce((sum, { job }) => sum + job.done, 0), state.loaded, onSearchable);

  async function older(before: number) {
    try {
      const { jobs, next } = await api.jobs(PAGE, before);
      dispatch({ type: "older", jobs, next });
    } catch (error) {
      setProblem(Problem.from(error));
    }
  }

  const { next } = state;
  return {
    jobs: state.jobs,
    loaded: state.loaded,
    problem,
    lost,
    reload,
    older: next === null ? undefined : () => older(next),
    onRead: useCallback((detail) => dispatch({ type: "read", detail }), []),
  };
}

/** Follows these jobs, each over a connection of its own that is opened again where it breaks. */
function useFollowed(
  api: Api,
  ids: string[],
  jobs: Known[],
  dispatch: Dispatch<JobsAction>,
  onLost: (lost: boolean) => void,
) {
  const latest = useRef(jobs);
  latest.current = jobs;
  const following = useRef(new Map<string, AbortController>());
  const wanted = ids.join(" ");

  useEffect(() => {
    const open = following.current;
    const now = new Set(wanted.split(" ").filter(Boolean));
    for (const [id, controller] of open) {
      if (!now.has(id)) {
        controller.abort();
        open.delete(id);
      }
    }
    for (const id of now) {
      if (open.has(id)) continue;
      const controller = new AbortController();
      open.set(id, controller);
      const known = () => latest.current.find(({ job }) => job.id === id);
      void follow(api, id, known, dispatch, onLost, controller.signal);
    }
    if (now.size === 0) onLost(false);
  }, [api, wanted, dispatch, onLost]);

  useEffect(() => {
    const open = following.current;
    return () => {
      for (const controller of open.values()) controller.abort();
      open.clear();
    };
  }, [api]);
}

async function follow(
  api: Api,
  id: string,
  known: () => Known | undefined,
  dispatch: Dispatch<JobsAction>,
  onLost: (lost: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let breaks = 0; ; breaks += 1) {
    try {
      for await (const event of api.jobEvents(id, known()?.place ?? "", signal)) {
        dispatch({ type: "told", id, event });
        onLost(false);
        breaks = 0;
        if (event.type === "job" && isOver(event.job)) return;
      }
    } catch (error) {
      if (signal.aborted) return;
      const { status } = Problem.from(error);
      if (status === 404) return dispatch({ type: "gone", id });
      if (status === 401) return;
      onLost(true);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSES_MS[Math.min(breaks, PAUSES_MS.length - 1)]));
    if (signal.aborted) return;
  }
}

/** Calls back when more files have become searchable: soon, but not for each of many. */
function useRefreshed(done: number, loaded: boolean, onSearchable: () => void) {
  const told = useRef<number | null>(null);
  const last = useRef(0);
  const due = useRef<ReturnType<typeof setTimeout> | null>(null);
  const latest = useRef(onSearchable);
  latest.current = onSearchable;
  useEffect(() => {
    if (!loaded) return;
    const more = told.current !== null && done > told.current;
    told.current = done;
    if (!more || due.current !== null) return;
    due.current = setTimeout(
      () => {
        due.current = null;
        last.current = performance.now();
        latest.current();
      },
      Math.max(last.current + REFRESH_MS - performance.now(), 0),
    );
  }, [done, loaded]);
  useEffect(
    () => () => {
      if (due.current !== null) clearTimeout(due.current);
    },
    [],
  );
}
