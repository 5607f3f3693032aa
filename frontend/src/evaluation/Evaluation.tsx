import { useCallback, useEffect, useState } from "react";
import type { Api } from "../client/api";
import { Problem } from "../client/problem";
import { useParams } from "@tanstack/react-router";
import { useSigned } from "../app/context";
import { useSource } from "../app/source";
import { useTitle } from "../app/title";
import type { Evaluation as Run } from "../client/types";
import { ProblemNotice } from "../ui/ProblemNotice";
import { asked, suitesOf } from "./figures";
import { Night } from "./Night";
import { Releases } from "./Releases";
import { SuiteTrend } from "./SuiteTrend";

const PAGE = 30;

/** What the nights found, for administrators: over time, one of them in full, and what was released. */
export function Evaluation() {
  useTitle("Evaluation");
  const { api } = useSigned();
  const { openCitation } = useSource();
  const { run: chosen = "" } = useParams({ strict: false }) as { run?: string };
  const { runs, next, problem, more, reload } = useRuns(api);
  const shown = chosen || runs?.[0]?.id || "";
  return (
    <main className="evaluation" id="main" tabIndex={-1} aria-labelledby="evaluation-title">
      <div className="wide-column">
        <h1 id="evaluation-title">Evaluation</h1>
        <p className="lead">What the nightly evaluation found, and what was released on it.</p>
        {problem !== null && <ProblemNotice problem={problem} onRetry={reload} />}
        {runs === null && problem === null && <p role="status">Loading…</p>}
        {runs?.length === 0 && (
          <p className="muted" role="status">
            No night yet. Whoever runs the service asks for one: <code>footnote eval nightly</code>.
          </p>
        )}
        {runs !== null && runs.length > 0 && (
          <>
            <section aria-labelledby="over-time">
              <h2 id="over-time">Over time</h2>
              <p className="muted">
                The last {runs.length} nights, oldest on the left. The band is the 95 % interval; a triangle marks a night of
                another setup, a hollow dot one that was not finished. Nights by a proposed release are drawn, too.
              </p>
              <div className="suite-trends">
                {suitesOf(runs)
                  .filter((suite) => runs.some((run) => asked(run, suite)))
                  .map((suite) => (
                    <SuiteTrend key={suite} runs={runs} suite={suite} chosen={shown} />
                  ))}
              </div>
              {next !== null && (
                <button type="button" className="quiet" onClick={more}>
                  Show earlier nights
                </button>
              )}
            </section>
            <Night key={shown} api={api} runs={runs} id={shown} onCite={openCitation} />
          </>
        )}
        <Releases api={api} runs={runs ?? []} />
      </div>
    </main>
  );
}

function useRuns(api: Api) {
  const [runs, setRuns] = useState<Run[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = useCallback(
    async (after: string) => {
      try {
        const page = await api.evaluations(PAGE, after);
        setRuns((known) => [...(after === "" ? [] : (known ?? [])), ...page.runs]);
        setNext(page.next);
        setProblem(null);
      } catch (error) {
        setProblem(Problem.from(error));
      }
    },
    [api],
  );
  useEffect(() => void load(""), [load]);
  return { runs, next, problem, more: () => void load(next ?? ""), reload: () => void load("") };
}
