import { useQuery } from "@tanstack/react-query";
import { carries, useSigned } from "../app/context";
import type { Job } from "../client/types";
import { isOver } from "./state";

const NEWEST = 10;
const WHILE_RUNNING_MS = 5000;
const OTHERWISE_MS = 60_000;

/** The caller's uploads that go on, wherever in the page one is; none for who may not upload. */
export function useRunningJobs(): Job[] {
  const { api, me } = useSigned();
  const found = useQuery({
    queryKey: ["jobs", "running"],
    queryFn: async () => (await api.jobs(NEWEST)).jobs.filter((job) => !isOver(job)),
    enabled: carries(me, "write"),
    refetchInterval: ({ state }) => ((state.data?.length ?? 0) > 0 ? WHILE_RUNNING_MS : OTHERWISE_MS),
  });
  return found.data ?? [];
}
