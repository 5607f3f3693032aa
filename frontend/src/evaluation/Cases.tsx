import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Api } from "../client/api";
import { Problem } from "../client/problem";
import type { CaseOutcome, CaseResult, Citation, EvaluationReport } from "../client/types";
import { words } from "../strings";
import { ProblemNotice } from "../ui/ProblemNotice";
import { CaseBeside } from "./CaseBeside";
import { caseKey, seconds } from "./figures";

const told = words.evaluation.cases;

type Shown = "newly wrong" | "newly right" | CaseOutcome;

interface Props {
  api: Api;
  report: EvaluationReport;
  /** As the report was asked for; "": the last finished one before it. */
  against: string;
  onCite: (citation: Citation) => void;
}

/** Cases of a night, the newly wrong ones first; each opens beside the same in the other night. */
export function Cases({ api, report, against, onCite }: Props) {
  const { run, newly_wrong, newly_right } = report;
  const [shown, setShown] = useState<Shown>(newly_wrong.length > 0 ? "newly wrong" : "wrong");
  const [open, setOpen] = useState<string | null>(null);
  const { cases, problem, more, reload } = useCases(api, report, shown);
  const counts: [Shown, number | null][] = [
    ["newly wrong", newly_wrong.length],
    ["newly right", newly_right.length],
    ["wrong", run.cases - run.right - run.errors],
    ["error", run.errors],
    ["right", run.right],
  ];
  return (
    <section aria-labelledby="cases-title">
      <h3 id="cases-title">{told.title}</h3>
      <div className="field case-choice">
        <label htmlFor="which-cases">{told.which}</label>
        <select id="which-cases" value={shown} onChange={(event) => setShown(event.target.value as Shown)}>
          {counts.map(([name, count]) => (
            <option key={name} value={name}>
              {name} ({count})
            </option>
          ))}
        </select>
      </div>
      {problem !== null && <ProblemNotice problem={problem} onRetry={reload} />}
      {cases === null && problem === null && <p role="status">{words.ui.loading}</p>}
      {cases?.length === 0 && <p className="muted">{told.none}</p>}
      <ul className="case-list">
        {cases?.map((one) => (
          <li key={caseKey(one)}>
            <button
              type="button"
              className="case-head"
              aria-expanded={open === caseKey(one)}
              onClick={() => setOpen(open === caseKey(one) ? null : caseKey(one))}
            >
              <span className="mono">{caseKey(one)}</span>
              <span className="outcome" data-outcome={one.outcome}>
                {one.outcome}
              </span>
              <span className="muted">{[one.code || one.status, seconds(one.seconds), sliceLine(one)].filter(Boolean).join(" · ")}</span>
            </button>
            {open === caseKey(one) && <CaseBeside api={api} run={run.id} one={one} against={against} onCite={onCite} />}
          </li>
        ))}
      </ul>
      {more !== undefined && (
        <button type="button" className="quiet" onClick={more}>
          {told.more}
        </button>
      )}
    </section>
  );
}

function sliceLine({ slices }: CaseResult): string {
  return Object.values(slices).join(", ");
}

function useCases(api: Api, { run, newly_wrong, newly_right }: EvaluationReport, shown: Shown) {
  const found = shown === "newly wrong" ? newly_wrong : shown === "newly right" ? newly_right : null;
  const { data, error, hasNextPage, fetchNextPage, refetch } = useInfiniteQuery({
    queryKey: ["evaluation", "cases", run.id, shown],
    queryFn: ({ pageParam }) => api.evaluationCases(run.id, shown as CaseOutcome, pageParam),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next ?? undefined,
    enabled: found === null,
  });
  return {
    cases: found ?? data?.pages.flatMap((page) => page.cases) ?? null,
    problem: error === null ? null : Problem.from(error),
    more: hasNextPage ? () => void fetchNextPage() : undefined,
    reload: () => void refetch(),
  };
}
