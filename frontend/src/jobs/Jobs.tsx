import type { Api } from "../client/api";
import { words } from "../strings";
import { ModalDialog } from "../ui/Dialog";
import { ProblemNotice } from "../ui/ProblemNotice";
import { JobCard } from "./JobCard";
import type { Jobs } from "./useJobs";
import { earlierLine } from "./words";

const told = words.jobs;

interface Props {
  api: Api;
  jobs: Jobs;
  onClose: () => void;
}

/** What was handed in, newest first: what goes on or ended while the page was open, then what came before. */
export function JobsDrawer({ api, jobs, onClose }: Props) {
  const live = jobs.jobs.filter((known) => known.live);
  const earlier = jobs.jobs.filter((known) => !known.live);
  const card = (known: (typeof live)[number]) => (
    <JobCard key={known.job.id} api={api} known={known} onChange={jobs.reload} onRead={jobs.onRead} />
  );
  return (
    <ModalDialog title={told.title} onClose={onClose} side className="jobs">
      {jobs.problem !== null && <ProblemNotice problem={jobs.problem} onRetry={jobs.reload} />}
      {jobs.lost && <p className="muted">{told.lost}</p>}
      {!jobs.loaded && jobs.problem === null && <p role="status">{words.ui.loading}</p>}
      {jobs.loaded && jobs.jobs.length === 0 && <p className="muted">{told.none}</p>}
      {live.length > 0 && <ul className="job-list">{live.map(card)}</ul>}
      {earlier.length > 0 && (
        <section className="earlier-jobs" aria-label={earlierLine(earlier.map(({ job }) => job), jobs.older !== undefined)}>
          <h3>{earlierLine(earlier.map(({ job }) => job), jobs.older !== undefined)}</h3>
          <ul className="job-list">{earlier.map(card)}</ul>
        </section>
      )}
      {jobs.older !== undefined && (
        <button type="button" className="quiet" onClick={() => void jobs.older?.()}>
          {told.older}
        </button>
      )}
    </ModalDialog>
  );
}
