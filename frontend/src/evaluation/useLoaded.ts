import { useQuery } from "@tanstack/react-query";
import { Problem } from "../client/problem";

export interface Loaded<T> {
  /** Null until it has come. */
  value: T | null;
  problem: Problem | null;
  reload: () => void;
}

/** What `load` gives for a key; kept, so that what was looked at before is there at once. */
export function useLoaded<T>(key: string[], load: () => Promise<T>): Loaded<T> {
  const { data, error, refetch } = useQuery({ queryKey: ["evaluation", ...key], queryFn: load });
  return { value: data ?? null, problem: error === null ? null : Problem.from(error), reload: () => void refetch() };
}
