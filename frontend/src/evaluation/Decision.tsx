import type { Api } from "../client/api";
import type { Decision as Decided, Evaluation as Run, Gate } from "../client/types";
import { formatMoment } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";
import { gateChange } from "./figures";
import { ScrollTable } from "./ScrollTable";
import { useLoaded } from "./useLoaded";

const SAYS: Record<string, string> = {
  ship: "Ships: every gate is passed",
  block: "Blocked: a loss is shown",
  undecided: "Undecided: so few cases show neither",
};

/** The last decision in which this night was weighed. */
export function Decision({ api, run, runs }: { api: Api; run: Run; runs: Run[] }) {
  const { value, problem, reload } = useLoaded(["decisions", run.id], () => api.decisions(run.id));
  const decision = value?.decisions[0];
  return (
    <section aria-labelledby="decision-title">
      <h3 id="decision-title">Gates of the last decision</h3>
      {problem !== null && <ProblemNotice problem={problem} onRetry={reload} />}
      {value !== null && decision === undefined && (
        <p className="muted">
          This night was not weighed against another yet: <code>footnote eval weigh {run.id.slice(0, 8)} OTHER</code>.
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
        {SAYS[decision.outcome] ?? decision.outcome}
      </p>
      <p>
        Candidate: {called(decision.new_run)}; against {called(decision.old_run)}. {pairing.pairs} cases that both were asked;
        errors: {pairing.errors_new} and {pairing.errors_old}. Decided {formatMoment(decision.at)}.
      </p>
      {decision.remarks.map((remark) => (
        <p key={remark} className="muted">
          {remark}
        </p>
      ))}
      <ScrollTable
        label="Gates"
        head={["Gate", "Outcome", "Change", "90 % interval", "Margin", "Cases", "Left out", "Lost"]}
        rows={decision.gates.map((gate) => {
          const { change, interval } = gateChange(gate);
          return [
            `${gate.metric}${gate.guard ? " (guard)" : ""}`,
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
        <p className="muted">Not measured in either night: {decision.not_measured.join(", ")}.</p>
      )}
    </>
  );
}

function GateOutcome({ gate }: { gate: Gate }) {
  const more = gate.outcome === "undecided" && gate.more !== null ? `, ${gate.more} more cases would do` : "";
  return (
    <span className="outcome" data-outcome={gate.outcome}>
      {gate.outcome}
      {more}
    </span>
  );
}

function Lost({ ids }: { ids: string[] }) {
  if (ids.length === 0) return "none";
  return (
    <details>
      <summary>{ids.length}</summary>
      {ids.join(", ")}
    </details>
  );
}

function marginLine({ aim, kind, margin }: Gate): string {
  if (aim === "never") return "no case";
  if (aim === "better") return "better";
  return kind === "duration" ? `${Math.round(100 * margin)}\u00a0% longer` : `${Math.round(100 * margin)} points`;
}
