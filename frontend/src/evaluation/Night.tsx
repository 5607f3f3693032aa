import { useId, useState } from "react";
import type { Api } from "../client/api";
import type { Citation, Evaluation as Run, EvaluationReport } from "../client/types";
import { formatMoment } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";
import { Cases } from "./Cases";
import { Decision } from "./Decision";
import { asked, between, figureName, figureValue, gapLine, isAmount, percent, suitesOf } from "./figures";
import { ScrollTable } from "./ScrollTable";
import { useLoaded } from "./useLoaded";

interface Props {
  api: Api;
  runs: Run[];
  id: string;
  onCite: (citation: Citation) => void;
}

/** One night in full, set against another: the one before it, or whichever is chosen. */
export function Night({ api, runs, id, onCite }: Props) {
  const [against, setAgainst] = useState("");
  const { value, problem, reload } = useLoaded(["night", id, against], () => api.evaluation(id, against));
  return (
    <section aria-labelledby="night-title" className="night">
      <h2 id="night-title">One night</h2>
      <div className="night-choice">
        <RunChoice label="Night" runs={runs} value={id} onChoose={(run) => (location.hash = `/admin/evaluation/${run}`)} />
        <RunChoice
          label="Set against"
          runs={runs.filter((run) => run.id !== id)}
          value={against}
          other="the last finished one before it"
          onChoose={setAgainst}
        />
      </div>
      {problem !== null && <ProblemNotice problem={problem} onRetry={reload} />}
      {value === null && problem === null && <p role="status">Loading…</p>}
      {value !== null && (
        <>
          <Summary report={value} />
          <Decision api={api} run={value.run} runs={runs} />
          <Slices report={value} />
          <Cases key={against} api={api} report={value} against={against} onCite={onCite} />
        </>
      )}
    </section>
  );
}

interface ChoiceProps {
  label: string;
  runs: Run[];
  value: string;
  /** What "" is called, where it can be chosen. */
  other?: string;
  onChoose: (run: string) => void;
}

function RunChoice({ label, runs, value, other, onChoose }: ChoiceProps) {
  const id = useId();
  const known = value === "" || runs.some((run) => run.id === value);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChoose(event.target.value)}>
        {other !== undefined && <option value="">{other}</option>}
        {!known && <option value={value}>{value.slice(0, 8)}</option>}
        {runs.map((run) => (
          <option key={run.id} value={run.id}>
            {runLine(run)}
          </option>
        ))}
      </select>
    </div>
  );
}

function runLine(run: Run): string {
  const status = run.status === "done" ? "" : `, ${run.status}`;
  return `${formatMoment(run.started_at)}${status}, ${run.right} of ${run.cases} right (${run.id.slice(0, 8)})`;
}

function Summary({ report }: { report: EvaluationReport }) {
  const { run, against, paired, overlooked, newly_wrong, newly_right } = report;
  const missing = run.planned - run.cases;
  return (
    <>
      <p>
        {[String(run.setup.generator ?? ""), run.setup.adapter ? `adapter ${String(run.setup.adapter)}` : "no adapter"]
          .filter(Boolean)
          .join(", ")}
        . <span className="mono">commit {run.commit.slice(0, 8) || "unknown"}</span>,{" "}
        <span className="mono">setup {run.config_sha256.slice(0, 8)}</span>,{" "}
        <span className="mono">cases {run.data_sha256.slice(0, 8)}</span>.
      </p>
      {(missing > 0 || run.errors > 0) && (
        <div className="notice partial" role="note">
          <p className="notice-title">Not everything has a result</p>
          <p>
            {missing} of {run.planned} cases were not asked, and {run.errors} gave an error. They are counted in no share.
          </p>
        </div>
      )}
      <p>
        {against === null
          ? "There is no finished night before it to set it against."
          : `Against the night of ${formatMoment(against.started_at)} (${against.id.slice(0, 8)}): ${newly_wrong.length} newly wrong, ` +
            `${newly_right.length} newly right, of ${paired} cases that both have a result of; ${overlooked} cannot be paired.`}
      </p>
      {suitesOf([run]).map((suite) => (
        <details key={suite} open={suite === "regression" || suite === "golden"}>
          <summary>
            {suite}:{" "}
            {asked(run, suite)
              ? `${percent(run.figures.find((one) => one.suite === suite && one.name === "right")?.value ?? null)} right`
              : "no case of it was asked"}
          </summary>
          <ScrollTable
            label={`Figures of ${suite}`}
            head={["Metric", "Value", "95 % interval", "Cases", "No number"]}
            rows={run.figures
              .filter((one) => one.suite === suite)
              .map((one) => [figureName(one.name), figureValue(one), isAmount(one.name) ? "" : between(one.low, one.high), one.n, one.nans])}
          />
        </details>
      ))}
    </>
  );
}

const WORST = 5;

function Slices({ report: { slices } }: { report: EvaluationReport }) {
  const [first] = slices;
  const line = (one: (typeof slices)[number]) => [
    `${one.by}: ${one.name}`,
    one.suite,
    `${one.right} of ${one.n}`,
    percent(one.share),
    between(one.low, one.high),
    gapLine(one),
  ];
  const head = ["Slice", "Suite", "Right", "Share", "95 % interval", "Against the rest of its suite"];
  return (
    <section aria-labelledby="slices-title">
      <h3 id="slices-title">Worst slices</h3>
      {first === undefined ? (
        <p className="muted">No slice has five cases or more.</p>
      ) : (
        <>
          <p>
            {first.worse
              ? `Worst: ${first.by} ${first.name} of ${first.suite}, shown to be worse than the rest.`
              : `Worst: ${first.by} ${first.name} of ${first.suite}; no slice is shown to be worse than the rest of its suite.`}
          </p>
          <p className="muted">
            Intervals of gaps hold for all {slices.length} together. Slices overlap; what gave an error is in none.
          </p>
          <ScrollTable label="The worst slices" head={head} rows={slices.slice(0, WORST).map(line)} />
          <details>
            <summary>All {slices.length} slices of five cases or more</summary>
            <ScrollTable label="All slices" head={head} rows={slices.map(line)} />
          </details>
        </>
      )}
    </section>
  );
}
