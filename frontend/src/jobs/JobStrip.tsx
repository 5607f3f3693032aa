import { useState } from "react";
import { words } from "../strings";
import { isOver, type Known } from "./state";
import type { Jobs } from "./useJobs";
import { announcement, progressLine, statusWord } from "./words";

const told = words.jobs;

/** In one line, how what was handed in goes on; what ended meanwhile stays until it is dismissed. */
export function JobStrip({ jobs, onShow }: { jobs: Jobs; onShow: () => void }) {
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set());
  const live = jobs.jobs.filter(({ live, job }) => live && !(isOver(job) && dismissed.has(job.id)));
  const running = live.filter(({ job }) => !isOver(job));
  const shown = running.at(-1) ?? live[0];
  return (
    <>
      <p className="visually-hidden" role="status">
        {jobs.lost ? told.lost : jobs.jobs.filter(({ live }) => live).map(({ job }) => announcement(job)).join(" ")}
      </p>
      {shown !== undefined && (
        <div className="strip" data-status={shown.job.status}>
          <StripLine known={shown} running={running.length} lost={jobs.lost} />
          <button type="button" className="quiet" onClick={onShow}>
            {told.show}
          </button>
          {running.length === 0 && (
            <button
              type="button"
              className="quiet"
              aria-label={told.dismissNamed(shown.job.title)}
              onClick={() => setDismissed(new Set([...dismissed, ...live.map(({ job }) => job.id)]))}
            >
              {told.dismiss}
            </button>
          )}
        </div>
      )}
    </>
  );
}

function StripLine({ known: { job }, running, lost }: { known: Known; running: number; lost: boolean }) {
  const over = isOver(job);
  return (
    <div className="strip-line">
      <p>
        <strong>{running > 1 ? told.goesOn(running) : job.title}</strong>{" "}
        <span className="strip-status">{lost && !over ? told.lost : [statusWord(job), progressLine(job)].filter(Boolean).join(" · ")}</span>
      </p>
      {!over && (
        <progress aria-label={job.title} aria-valuetext={told.ofFiles(job.ended, job.total)} max={Math.max(job.total, 1)} value={job.ended} />
      )}
    </div>
  );
}
