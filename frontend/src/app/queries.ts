import { QueryClient } from "@tanstack/react-query";
import { Problem } from "../client/problem";

const TRIES = 2;
const LONGEST_WAIT_MS = 30_000;

/** The page's memory of what the server said; one for each person that signs in. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { retry: mayTryAgain, retryDelay: waitFor, staleTime: 15_000, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
  });
}

/** What may pass by itself is asked again: no answer, or a server that is busy. What was refused is not. */
export function mayTryAgain(failures: number, error: unknown): boolean {
  return failures < TRIES && (Problem.from(error).code === "unreachable" || [429, 502, 503, 504].includes(Problem.from(error).status));
}

export function waitFor(failures: number, error: unknown): number {
  const asked = Problem.from(error).retryAfter;
  return Math.min(asked === null ? 1000 * 2 ** failures : asked * 1000, LONGEST_WAIT_MS);
}
