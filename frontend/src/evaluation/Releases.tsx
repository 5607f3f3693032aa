import { useState } from "react";
import type { Api } from "../client/api";
import type { Evaluation as Run, ReleaseEvent, ReleaseList } from "../client/types";
import { words } from "../strings";
import { formatMoment } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";
import { percent, points } from "./figures";
import { ScrollTable } from "./ScrollTable";
import { useLoaded } from "./useLoaded";

const told = words.evaluation.releases;

/** What was released, which one answers, and what was done to each. */
export function Releases({ api, runs }: { api: Api; runs: Run[] }) {
  const { value, problem, reload } = useLoaded(["releases"], () => api.releases());
  return (
    <section aria-label={told.title}>
      {problem !== null && <ProblemNotice problem={problem} onRetry={reload} />}
      {value !== null && <p>{standingLine(value)}</p>}
      {value?.figures != null && <Trial figures={value.figures} />}
      <ul className="case-list">
        {value?.releases.map(({ name, status, created_at, note, pins_sha256 }) => (
          <li key={name}>
            <Release
              api={api}
              name={name}
              line={[status.replace("_", " "), told.proposed(formatMoment(created_at)), note].filter(Boolean).join(" · ")}
              nights={runs.filter((run) => run.config_sha256 === pins_sha256).length}
              status={status}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

interface Metric {
  metric: string;
  candidate: number | null;
  current: number | null;
  change: number;
  low: number;
  high: number;
  margin: number;
}

/** What the arms of the trial have come to, as far as it is told in the usual form. */
function Trial({ figures }: { figures: Record<string, unknown> }) {
  const metrics = Array.isArray(figures.metrics) ? (figures.metrics as Metric[]) : [];
  const people = (figures.people ?? {}) as Record<string, number>;
  return (
    <>
      <p>
        {told.people(people.candidate ?? 0, people.current ?? 0, people.open ?? 0, String(figures.step ?? "").replace("_", " "))}
      </p>
      <ScrollTable
        label={told.trial}
        head={told.trialHead}
        rows={metrics.map((one) => [
          one.metric,
          percent(one.candidate),
          percent(one.current),
          told.points(points(one.change)),
          told.range(points(one.low), points(one.high)),
          told.points(points(one.margin)),
        ])}
      />
    </>
  );
}

function standingLine({ releases, current, trial }: ReleaseList): string {
  if (releases.length === 0) return told.none;
  const now = current === null ? told.noneCurrent : told.current(current);
  if (trial === null) return now;
  const share = trial.share === null ? "" : ` (${percent(trial.share)})`;
  return `${now} ${told.trying(trial.name, told.done[trial.action] ?? trial.action, share, formatMoment(trial.at))}`;
}

function Release(props: { api: Api; name: string; line: string; nights: number; status: string }) {
  const { api, name, line, nights, status } = props;
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="case-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className="mono">{name}</span>
        <span className="outcome" data-outcome={status}>
          {line}
        </span>
        <span className="muted">{told.nights(nights)}</span>
      </button>
      {open && <Steps api={api} name={name} />}
    </>
  );
}

function Steps({ api, name }: { api: Api; name: string }) {
  const { value, problem, reload } = useLoaded(["release", name], () => api.release(name));
  if (problem !== null) return <ProblemNotice problem={problem} onRetry={reload} />;
  if (value === null) return <p role="status">{words.ui.loading}</p>;
  return (
    <div className="steps">
      <ol>
        {value.events.map((event) => (
          <li key={event.number}>
            <p>
              <time dateTime={event.at}>{formatMoment(event.at)}</time>: {stepLine(event, name)}
            </p>
            {Object.keys(event.evidence).length > 0 && <Json label={told.evidence} value={event.evidence} />}
          </li>
        ))}
      </ol>
      <Json label={told.settings} value={value.release.settings} />
      <Json label={told.pins} value={value.pins} />
    </div>
  );
}

function stepLine({ name, action, previous, by, share }: ReleaseEvent, of: string): string {
  const done = told.done[action] ?? action;
  const place = action === "rollback" ? told.backTo(previous) : action === "promote" && previous !== null ? told.inPlaceOf(previous) : "";
  return `${name === of ? "" : `${name} `}${done}${share === null ? "" : ` (${percent(share)})`}${place}${told.by(by.replace(/^user:/, ""))}`;
}

function Json({ label, value }: { label: string; value: object }) {
  return (
    <details>
      <summary>{label}</summary>
      <pre className="mono">{JSON.stringify(value, null, 2)}</pre>
    </details>
  );
}
