import { useInfiniteQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useSigned } from "../app/context";
import { useSource } from "../app/source";
import { useTitle } from "../app/title";
import { Problem } from "../client/problem";
import { words } from "../strings";
import { ProblemNotice } from "../ui/ProblemNotice";
import { asked, suitesOf } from "./figures";
import { Night } from "./Night";
import { SuiteTrend } from "./SuiteTrend";

const PAGE = 30;
const told = words.evaluation;

/** What the nights found, for administrators: over time, one of them in full, and what was released. */
export function Evaluation() {
  useTitle(told.title);
  const { api } = useSigned();
  const { openCitation } = useSource();
  const { run: chosen = "" } = useParams({ strict: false }) as { run?: string };
  const { runs, problem, more, reload } = useRuns();
  const shown = chosen || runs?.[0]?.id || "";
  return (
    <main className="evaluation" id="main" tabIndex={-1} aria-labelledby="evaluation-title">
      <div className="wide-column">
        <h1 id="evaluation-title">{told.title}</h1>
        <p className="lead">{told.lead}</p>
        {problem !== null && <ProblemNotice problem={problem} onRetry={reload} />}
        {runs === null && problem === null && <p role="status">{words.ui.loading}</p>}
        {runs?.length === 0 && (
          <p className="muted" role="status">
            {told.none} <code>{told.noneCommand}</code>
          </p>
        )}
        {runs !== null && runs.length > 0 && (
          <>
            <section aria-labelledby="over-time">
              <h2 id="over-time">{told.overTime}</h2>
              <p className="muted">{told.overTimeWhat(runs.length)}</p>
              <div className="suite-trends">
                {suitesOf(runs)
                  .filter((suite) => runs.some((run) => asked(run, suite)))
                  .map((suite) => (
                    <SuiteTrend key={suite} runs={runs} suite={suite} chosen={shown} />
                  ))}
              </div>
              {more !== undefined && (
                <button type="button" className="quiet" onClick={more}>
                  {told.earlier}
                </button>
              )}
            </section>
            <Night key={shown} api={api} runs={runs} id={shown} onCite={openCitation} />
          </>
        )}
      </div>
    </main>
  );
}

/** The nights, newest first, as far as they were asked for. */
export function useRuns() {
  const { api } = useSigned();
  const { data, error, hasNextPage, fetchNextPage, refetch } = useInfiniteQuery({
    queryKey: ["evaluation", "runs"],
    queryFn: ({ pageParam }) => api.evaluations(PAGE, pageParam),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  return {
    runs: data?.pages.flatMap((page) => page.runs) ?? null,
    more: hasNextPage ? () => void fetchNextPage() : undefined,
    problem: error === null ? null : Problem.from(error),
    reload: () => void refetch(),
  };
}
