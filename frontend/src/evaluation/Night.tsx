import { useId, useState } from "react";
import type { Api } from "../client/api";
import type { Citation, Evaluation as Run, EvaluationReport } from "../client/types";
import { words } from "../strings";
import { formatMoment } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";
import { Cases } from "./Cases";
import { Decision } from "./Decision";
import { asked, between, figureName, figureValue, gapLine, isAmount, percent, suitesOf } from "./figures";
import { ScrollTable } from "./ScrollTable";
import { useLoaded } from "./useLoaded";

const told = words.evaluation.night;
const slicesTold = words.evaluation.slices;

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
      <h2 id="night-title">{told.title}</h2>
      <div className="night-choice">
        <RunChoice label={told.choose} runs={runs} value={id} onChoose={(run) => (location.hash = `/admin/evaluation/${run}`)} />
        <RunChoice
          label={told.against}
          runs={runs.filter((run) => run.id !== id)}
          value={against}
          other={told.before}
          onChoose={setAgainst}
        />
      </div>
      {problem !== null && <ProblemNotice problem={problem} onRetry={reload} />}
      {value === null && problem === null && <p role="status">{words.ui.loading}</p>}
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
  return told.line(formatMoment(run.started_at), run.status, run.right, run.cases, run.id.slice(0, 8));
}

function Summary({ report }: { report: EvaluationReport }) {
  const { run, against, paired, overlooked, newly_wrong, newly_right } = report;
  const missing = run.planned - run.cases;
  return (
    <>
      <p>
        {[String(run.setup.generator ?? ""), run.setup.adapter ? told.adapter(String(run.setup.adapter)) : told.noAdapter]
          .filter(Boolean)
          .join(", ")}
        . <span className="mono">{told.commit(run.commit.slice(0, 8))}</span>,{" "}
        <span className="mono">{told.setup(run.config_sha256.slice(0, 8))}</span>,{" "}
        <span className="mono">{told.cases(run.data_sha256.slice(0, 8))}</span>.
      </p>
      {(missing > 0 || run.errors > 0) && (
        <div className="notice partial" role="note">
          <p className="notice-title">{told.incomplete}</p>
          <p>{told.incompleteWhat(missing, run.planned, run.errors)}</p>
        </div>
      )}
      <p>
        {against === null
          ? told.noneBefore
          : told.compared(formatMoment(against.started_at), against.id.slice(0, 8), newly_wrong.length, newly_right.length, paired, overlooked)}
      </p>
      {suitesOf([run]).map((suite) => (
        <details key={suite} open={suite === "regression" || suite === "golden"}>
          <summary>
            {told.suite(suite, asked(run, suite) ? percent(run.figures.find((one) => one.suite === suite && one.name === "right")?.value ?? null) : null)}
          </summary>
          <ScrollTable
            label={told.figures(suite)}
            head={told.figuresHead}
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
    slicesTold.right(one.right, one.n),
    percent(one.share),
    between(one.low, one.high),
    gapLine(one),
  ];
  return (
    <section aria-labelledby="slices-title">
      <h3 id="slices-title">{slicesTold.title}</h3>
      {first === undefined ? (
        <p className="muted">{slicesTold.none}</p>
      ) : (
        <>
          <p>{slicesTold.worst(first.by, first.name, first.suite, first.worse)}</p>
          <p className="muted">{slicesTold.note(slices.length)}</p>
          <ScrollTable label={slicesTold.table} head={slicesTold.head} rows={slices.slice(0, WORST).map(line)} />
          <details>
            <summary>{slicesTold.allOf(slices.length)}</summary>
            <ScrollTable label={slicesTold.all} head={slicesTold.head} rows={slices.map(line)} />
          </details>
        </>
      )}
    </section>
  );
}
