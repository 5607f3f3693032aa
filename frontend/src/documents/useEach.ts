import { useCallback, useEffect, useRef, useState } from "react";
import { Problem } from "../client/problem";

const AT_ONCE = 4;

/** One thing that could not be done, and why. */
export interface Failure<T> {
  of: T;
  problem: Problem;
}

/** How far it is; null while nothing was begun. `over`: all was tried, or it was stopped. */
export interface Progress<T> {
  total: number;
  done: T[];
  failed: Failure<T>[];
  over: boolean;
}

/** Does something with each of many, some at once; what fails is told at the end and stops nothing. */
export function useEach<T>(step: (one: T) => Promise<unknown>) {
  const [progress, setProgress] = useState<Progress<T> | null>(null);
  const stopped = useRef(false);
  const latest = useRef(step);
  latest.current = step;
  useEffect(() => () => void (stopped.current = true), []);

  const run = useCallback(async (all: T[]): Promise<Progress<T>> => {
    stopped.current = false;
    const state: Progress<T> = { total: all.length, done: [], failed: [], over: false };
    setProgress({ ...state });
    const left = [...all];
    const work = async () => {
      for (let one = left.shift(); one !== undefined && !stopped.current; one = left.shift()) {
        try {
          await latest.current(one);
          state.done = [...state.done, one];
        } catch (error) {
          state.failed = [...state.failed, { of: one, problem: Problem.from(error) }];
        }
        setProgress({ ...state });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    const ended = { ...state, over: true };
    setProgress(ended);
    return ended;
  }, []);
  const stop = useCallback(() => void (stopped.current = true), []);
  return { progress, run, stop, busy: progress !== null && !progress.over };
}
