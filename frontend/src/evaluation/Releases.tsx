import { useState } from "react";
import type { Api } from "../client/api";
import type { Evaluation as Run, ReleaseEvent, ReleaseList } from "../client/types";
import { formatMoment } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";
import { percent, points } from "./figures";
import { ScrollTable } from "./ScrollTable";
import { useLoaded } from "./useLoaded";

const DONE: Record<string, string> = {
  propose: "proposed",
  shadow: "tried in the background",
  canary: "tried on a share of the people",
  ab: "compared on a share of the people",
  promote: "made current",
  rollback: "rolled back",
  stop: "trial ended",
  retire: "put away",
};

/** What was released, which one answers, and what was done to each. */
export function Releases({ api, runs }: { api: Api; runs: Run[] }) {
  const { value, problem, reload } = useLoaded(["releases"], () => api.releases());
  return (
    <section aria-label="Releases">
      {problem !== null && <ProblemNotice problem={problem} onRetry={reload} />}
      {value !== null && <p>{standingLine(value)}</p>}
      {value?.figures != null && <Trial figures={value.figures} />}
      <ul className="case-list">
        {value?.releases.map(({ name, status, created_at, note, pins_sha256 }) => (
          <li key={name}>
            <Release
              api={api}
              name={name}
              line={[status.replace("_", " "), `proposed ${formatMoment(created_at)}`, note].filter(Boolean).join(" · ")}
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
        {people.candidate ?? 0} and {people.current ?? 0} people have answers enough, {people.open ?? 0} not yet. So far:{" "}
        {String(figures.step ?? "").replace("_", " ")}.
      </p>
      <ScrollTable
        label="The trial"
        head={["Metric", "Candidate", "Current", "Change", "95 % interval", "Margin"]}
        rows={metrics.map((one) => [
          one.metric,
          percent(one.candidate),
          percent(one.current),
          `${points(one.change)} points`,
          `${points(one.low)} to ${points(one.high)}`,
          `${points(one.margin)} points`,
        ])}
      />
    </>
  );
}

function standingLine({ releases, current, trial }: ReleaseList): string {
  if (releases.length === 0) return "None was proposed yet: answers are given by the settings of the service.";
  const now = current === null ? "No release is current: answers are given by the settings of the service." : `${current} answers.`;
  if (trial === null) return now;
  const share = trial.share === null ? "" : ` (${percent(trial.share)})`;
  return `${now} ${trial.name} is ${DONE[trial.action] ?? trial.action}${share} since ${formatMoment(trial.at)}.`;
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
        <span className="muted">{nights === 0 ? "no night shown here is of it" : `${nights} of the nights shown are of it`}</span>
      </button>
      {open && <Steps api={api} name={name} />}
    </>
  );
}

function Steps({ api, name }: { api: Api; name: string }) {
  const { value, problem, reload } = useLoaded(["release", name], () => api.release(name));
  if (problem !== null) return <ProblemNotice problem={problem} onRetry={reload} />;
  if (value === null) return <p role="status">Loading…</p>;
  return (
    <div className="steps">
      <ol>
        {value.events.map((event) => (
          <li key={event.number}>
            <p>
              <time dateTime={event.at}>{formatMoment(event.at)}</time>: {stepLine(event, name)}
            </p>
            {Object.keys(event.evidence).length > 0 && <Json label="Evidence" value={event.evidence} />}
          </li>
        ))}
      </ol>
      <Json label="Settings" value={value.release.settings} />
      <Json label="What they came out as" value={value.pins} />
    </div>
  );
}

function stepLine({ name, action, previous, by, share }: ReleaseEvent, of: string): string {
  const done = DONE[action] ?? action;
  const place = action === "rollback" ? `, back to ${previous ?? "the settings of the service"}` : action === "promote" && previous !== null ? `, in the place of ${previous}` : "";
  return `${name === of ? "" : `${name} `}${done}${share === null ? "" : ` (${percent(share)})`}${place}, by ${by.replace(/^user:/, "")}`;
}

function Json({ label, value }: { label: string; value: object }) {
  return (
    <details>
      <summary>{label}</summary>
      <pre className="mono">{JSON.stringify(value, null, 2)}</pre>
    </details>
  );
}
