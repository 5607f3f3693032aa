import { useId, useRef, useState } from "react";
import type { Api } from "../client/api";
import { Problem } from "../client/problem";
import type { JobDetail } from "../client/types";
import { words } from "../strings";
import { formatMoment } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";
import { JobFiles } from "./JobFiles";
import { isOver, type Known } from "./state";
import { progressLine, statusWord } from "./words";

const told = words.jobs;

interface Props {
  api: Api;
  known: Known;
  onChange: () => Promise<void>;
  onRead: (detail: JobDetail) => void;
}

export function JobCard({ api, known, onChange, onRead }: Props) {
  const { job, live } = known;
  const [chosen, setChosen] = useState<boolean | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const toggle = useRef<HTMLButtonElement>(null);
  const title = useId();
  const files = useId();
  const over = isOver(job);
  const again = job.failed + job.cancelled;
  const open = chosen ?? (live && (job.total === 1 || job.failed > 0));

  async function change(call: Promise<void>) {
    toggle.current?.focus(); // the button that was pressed goes
    setBusy(true);
    setProblem(null);
    try {
      await call;
      await onChange();
    } catch (error) {
      setProblem(Problem.from(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <li className="job" data-status={job.status} aria-labelledby={title}>
      <div className="job-head">
        <span className="job-title" id={title}>
          {job.title}
        </span>
        <span className="job-status">{statusWord(job)}</span>
      </div>
      {!over && (
        <progress
          aria-labelledby={title}
          aria-valuetext={told.ofFiles(job.ended, job.total)}
          max={Math.max(job.total, 1)}
          value={job.ended}
        />
      )}
      <div className="job-foot">
        <p className="job-line">
          {progressLine(job)}
          {over && <time dateTime={job.created_at}>{formatMoment(job.created_at)}</time>}
        </p>
        <div className="job-actions">
          <button
            ref={toggle}
            type="button"
            className="quiet"
            aria-expanded={open}
            aria-controls={files}
            aria-label={open ? told.hideFilesOf(job.title) : told.showFilesOf(job.title)}
            onClick={() => setChosen(!open)}
          >
            {open ? told.hideFiles : told.showFiles}
          </button>
          {!over && !job.cancelling && (
            <button
              type="button"
              className="quiet danger"
              disabled={busy}
              aria-label={told.cancelNamed(job.title)}
              onClick={() => change(api.cancelJob(job.id))}
            >
              {told.cancel}
            </button>
          )}
          {over && again > 0 && (
            <button
              type="button"
              className="secondary"
              disabled={busy}
              aria-label={told.againNamed(again, job.title)}
              onClick={() => change(api.retryJob(job.id))}
            >
              {told.again(again)}
            </button>
          )}
        </div>
      </div>
      {problem !== null && <ProblemNotice problem={problem} />}
      <div id={files}>{open && <JobFiles api={api} known={known} onRead={onRead} />}</div>
    </li>
  );
}
