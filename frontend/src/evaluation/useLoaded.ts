import { useCallback, useEffect, useState } from "react";
import { Problem } from "../client/problem";

export interface Loaded<T> {
  /** Null until it has come. */
  value: T | null;
  problem: Problem | null;
  reload: () => void;
}

/** What `load` gives, anew whenever `load` is another; of two that are under way the later one counts. */
export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const [found, setFound] = useState<{ of: () => Promise<T>; value: T | null; problem: Problem | null } | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let current = true;
    load().then(
      (value) => current && setFound({ of: load, value, problem: null }),
      (error: unknown) => current && setFound({ of: load, value: null, problem: Problem.from(error) }),
    );
    return () => {
      current = false;
    };
  }, [load, attempt]);
  const known = found?.of === load ? found : null;
  return {
    value: known?.value ?? null,
    problem: known?.problem ?? null,
    reload: useCallback(() => setAttempt((n) => n + 1), []),
  };
}
