import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSigned } from "../app/context";
import { type Verification, verification } from "../client/admin";
import { Problem } from "../client/problem";
import { words } from "../strings";
import { formatInstant } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";

const told = words.verify;
const EVERY_MS = 700;

/** Whether the trail is as it was written: the last look of this service, and a new one. */
export function Verify() {
  const { api } = useSigned();
  const client = useQueryClient();
  const { data, error } = useQuery({
    queryKey: ["verification"],
    queryFn: () => verification.state(api),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? EVERY_MS : false),
  });
  const begun = useMutation({
    mutationFn: () => verification.begin(api),
    onSuccess: (state) => client.setQueryData(["verification"], state),
  });
  const problem = error ?? begun.error;
  const running = data?.state === "running" || begun.isPending;
  return (
    <section className="verify" aria-labelledby="verify-title" data-state={data?.state}>
      <h2 id="verify-title">{told.title}</h2>
      {problem !== null && <ProblemNotice problem={Problem.from(problem)} />}
      <p role="status">{data === undefined ? "" : line(data)}</p>
      {data !== undefined && data.state !== "never" && data.state !== "running" && <Found found={data} />}
      <button type="button" className="secondary" disabled={running} onClick={() => begun.mutate()}>
        {data?.state === "never" ? told.verify : told.again}
      </button>
    </section>
  );
}

function line({ state, done, total, rows, ended_at }: Verification): string {
  if (state === "never") return told.never;
  if (state === "running") return told.running(done, total);
  const at = ended_at === null ? "" : formatInstant(ended_at);
  if (state === "whole") return told.whole(rows, at);
  return state === "tampered" ? told.tampered(at) : told.failed(at);
}

function Found({ found: { problem, first_bad, left_open } }: { found: Verification }) {
  return (
    <>
      {problem !== "" && <p className="notice problem">{problem}</p>}
      {first_bad !== null && <p>{told.firstBad(first_bad)}</p>}
      {left_open > 0 && <p className="muted">{told.leftOpen(left_open)}</p>}
    </>
  );
}
