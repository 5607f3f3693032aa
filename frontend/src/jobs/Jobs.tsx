import type { Api } from "../client/api";
import { ProblemNotice } from "../ui/ProblemNotice";
import { JobCard } from "./JobCard";
import { useJobs } from "./useJobs";
import { announcement, earlierLine } from "./words";

interface Props {
  api: Api;
  /** Grows when there is a new job. */
  handedIn: number;
  onSearchable: () => void;
}

/** What was handed in: what goes on is shown as it goes, the rest waits folded. It goes on when the page is closed. */
export function Jobs({ api, handedIn, onSearchable }: Props) {
  const jobs = useJobs(api, handedIn, onSearchable);
  const live = jobs.jobs.filter((known) => known.live);
  const earlier = jobs.jobs.filter((known) => !known.live);
  const card = (known: (typeof live)[number]) => (
    <JobCard key={known.job.id} api={api} known={known} onChange={jobs.reload} onRead={jobs.onRead} />
  );
  return (
    <section className="jobs" aria-labelledby="jobs-title">
      <h2 id="jobs-title">Uploads</h2>
      <p className="visually-hidden" role="status">
        {live.map(({ job }) => announcement(job)).join(" ")}
      </p>
      {jobs.problem !== null && <ProblemNotice problem={jobs.problem} onRetry={jobs.reload} />}
      {jobs.lost && (
        <p className="muted" role="status">
          The connection was lost. Nothing that was handed in is lost; this goes on once the service answers.
        </p>
      )}
      {jobs.loaded && jobs.jobs.length === 0 && (
        <p className="muted">Nothing was handed in yet. What you upload is followed here, also after you close the page.</p>
      )}
      {live.length > 0 && <ul className="job-list">{live.map(card)}</ul>}
      {earlier.length > 0 && (
        <details className="earlier-jobs">
          <summary>{earlierLine(earlier.map(({ job }) => job), jobs.older !== undefined)}</summary>
          <ul className="job-list">{earlier.map(card)}</ul>
          {jobs.older !== undefined && (
            <button type="button" className="quiet" onClick={jobs.older}>
              Show older ones
            </button>
          )}
        </details>
      )}
    </section>
  );
}
