import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSigned } from "../app/context";
import { type Verification, verification } from "../client/admin";
import { Problem } from "../client/problem";
import { words } from "../strings";
import { formatInstant } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";
import { personOf } from "./actions";

const told = words.verify;
const EVERY_MS = 700;

/** Whether the trail is as it was written: the last look of this service with what it looked at, and a new one. */
export function Verify({ onOpen }: { onOpen: (entry: string) => void }) {
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
      {data !== undefined && data.state !== "never" && data.state !== "running" && <Found found={data} onOpen={onOpen} />}
      <button type="button" className="secondary" disabled={running} onClick={() => begun.mutate()}>
        {running ? told.verifying : data?.state === "never" ? told.verify : told.again}
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

function Found({ found, onOpen }: { found: Verification; onOpen: (entry: string) => void }) {
  const { problem, first_bad, left_open, open } = found;
  return (
    <>
      {problem !== "" && <p className="notice problem">{problem}</p>}
      {found.state !== "failed" && <Looked found={found} />}
      {first_bad !== null && <p>{told.firstBad(first_bad)}</p>}
      {left_open > 0 && (
        <details>
          <summary>{told.leftOpen(left_open)}</summary>
          <p className="muted">{told.leftOpenWhat}</p>
          <ul>
            {open.map(({ id, principal, opened_at }) => (
              <li key={id}>
                <button type="button" className="link" onClick={() => onOpen(id)}>
                  {told.leftBy(personOf(principal), formatInstant(opened_at))}
                </button>
              </li>
            ))}
          </ul>
          {open.length < left_open && <p className="muted">{told.leftMore(left_open - open.length)}</p>}
        </details>
      )}
    </>
  );
}

/** What was looked at, and until where. */
function Looked({ found: { rows, first_bad, first_at, last_at, witnesses } }: { found: Verification }) {
  const last = first_bad === null ? rows : first_bad - 1;
  return (
    <dl className="pairs">
      <dt>{told.records}</dt>
      <dd>{told.range(last)}</dd>
      {first_at !== null && last_at !== null && (
        <>
          <dt>{told.writtenFrom}</dt>
          <dd>{told.fromTo(formatInstant(first_at), formatInstant(last_at))}</dd>
        </>
      )}
      <dt>{told.how}</dt>
      <dd>{told.howWhat}</dd>
      <dt>{told.witnesses}</dt>
      <dd>
        {witnesses.length === 0 ? (
          told.noWitness
        ) : (
          <ul className="plain">
            {witnesses.map(({ name, checkpoints, position, behind, problem }) => (
              <li key={name}>{problem === "" ? told.witness(name, checkpoints, position, behind) : told.witnessWrong(name, problem)}</li>
            ))}
            <li className="muted">{told.witnessNote}</li>
          </ul>
        )}
      </dd>
    </dl>
  );
}
