import type { Api } from "../client/api";
import type { Decision as Decided, Evaluation as Run, Gate } from "../client/types";
import { words } from "../strings";
import { formatMoment } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";
import { gateChange } from "./figures";
import { ScrollTable } from "./ScrollTable";
import { useLoaded } from "./useLoaded";

const told = words.evaluation.gates;

/** The last decision in which this night was weighed. */
export function Decision({ api, run, runs }: { api: Api; run: Run; runs: Run[] }) {
  const { value, problem, reload } = useLoaded(["decisions", run.id], () => api.decisions(run.id));
  const decision = value?.decisions[0];
  return (
    <section aria-labelledby="decision-title">
      <h3 id="decision-title">{told.title}</h3>
      {problem !== null && <ProblemNotice problem={problem} onRetry={reload} />}
      {value !== null && decision === undefined && (
        <p className="muted">
          {told.notWeighed} <code>{told.command(run.id.slice(0, 8))}</code>
        </p>
      )}
      {decision !== undefined && <Gates decision={decision} runs={runs} />}
    </section>
  );
}

function Gates({ decision, runs }: { decision: Decided; runs: Run[] }) {
  const { pairing } = decision;
  const called = (id: string) => {
    const known = runs.find((run) => run.id === id);
    return known === undefined ? id.slice(0, 8) : `${formatMoment(known.started_at)} (${id.slice(0, 8)})`;
  };
  return (
    <>
      <p className="outcome" data-outcome={decision.outcome}>
        {told.says[decision.outcome] ?? decision.outcome}
      </p>
      <p>
        {told.line(called(decision.new_run), called(decision.old_run), pairing.pairs, pairing.errors_new, pairing.errors_old, formatMoment(decision.at))}
      </p>
      {decision.remarks.map((remark) => (
        <p key={remark} className="muted">
          {remark}
        </p>
      ))}
      <ScrollTable
        label={told.table}
        head={told.head}
        rows={decision.gates.map((gate) => {
          const { change, interval } = gateChange(gate);
          return [
            gate.guard ? told.guard(gate.metric) : gate.metric,
            <GateOutcome key="outcome" gate={gate} />,
            change,
            interval,
            marginLine(gate),
            gate.n,
            gate.left_out,
            <Lost key="lost" ids={gate.lost} />,
          ];
        })}
      />
      {decision.not_measured.length > 0 && (
        <p className="muted">{told.notMeasured(decision.not_measured)}</p>
      )}
    </>
  );
}

function GateOutcome({ gate }: { gate: Gate }) {
  const more = gate.outcome === "undecided" && gate.more !== null ? told.more(gate.more) : "";
  return (
    <span className="outcome" data-outcome={gate.outcome}>
      {gate.outcome}
      {more}
    </span>
  );
}

function Lost({ ids }: { ids: string[] }) {
  if (ids.length === 0) return told.noneLost;
  return (
    <details>
      <summary>{ids.length}</summary>
      {ids.join(", ")}
    </details>
  );
}

function marginLine({ aim, kind, margin }: Gate): string {
  if (aim === "never") return told.noCase;
  if (aim === "better") return told.better;
  return kind === "duration" ? told.longer(Math.round(100 * margin)) : told.points(Math.round(100 * margin));
}
