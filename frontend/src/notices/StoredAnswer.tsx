import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { useSigned } from "../app/context";
import { useSource } from "../app/source";
import { useTitle } from "../app/title";
import { readAnswer } from "../client/feedback";
import { Problem } from "../client/problem";
import { NO_FILTER } from "../filter/filter";
import { FilterSummary } from "../filter/FilterSummary";
import { words } from "../strings";
import { formatMoment } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";
import { CellAnswer } from "../reviews/CellAnswer";
import { citedOf } from "../reviews/CellPanel";
import { linesOf } from "./Notices";

const said = words.notices;

/** One answer as the audit trail keeps it, by the address: with what has changed since of what it rests on. */
export function StoredAnswer() {
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const { api, session } = useSigned();
  const { setCited } = useSource();
  const found = useQuery({ queryKey: ["answers", "kept", id], queryFn: ({ signal }) => readAnswer(api, id, signal) });
  // What was deleted or closed to the reader since is not shown from the page's memory.
  const kept = found.error !== null && Problem.from(found.error).status === 404 ? undefined : found.data;
  useTitle(kept?.question ?? said.answerTitle);
  useEffect(() => {
    setCited(kept === undefined ? [] : citedOf(kept.answer, kept.question));
    return () => setCited([]);
  }, [kept, setCited]);
  const strictness = kept?.answer.strictness === session.strictness.default ? "" : (kept?.answer.strictness ?? "");
  const filter = { ...NO_FILTER, asOf: kept?.as_of ?? "", strictness } as const;
  const changed = kept === undefined ? [] : linesOf(kept);
  return (
    <main className="view stored-answer" id="main" tabIndex={-1} aria-labelledby="answer-title" aria-busy={found.isPending}>
      <div className="column">
        <h1 id="answer-title">{found.isPending ? words.ui.loading : said.answerTitle}</h1>
        {found.error !== null && <ProblemNotice problem={Problem.from(found.error)} onRetry={() => void found.refetch()} />}
        {kept !== undefined && (
          <>
            <h2>{kept.question}</h2>
            <p className="muted">{said.asked(formatMoment(kept.asked_at))}</p>
            <FilterSummary value={filter} />
            {changed.length > 0 && (
              <ul className="notice partial">
                {changed.map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            )}
            <CellAnswer question={kept.question} answer={kept.answer} />
          </>
        )}
      </div>
    </main>
  );
}
