import { useQuery } from "@tanstack/react-query";
import { useSigned } from "../app/context";
import { admin, type Finding } from "../client/admin";
import { Problem } from "../client/problem";
import { words } from "../strings";
import { formatInstant } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";
import { AdminView } from "./AdminView";

const told = words.health;

/** The readiness list of the running service: what fails first, what is well behind a fold. */
export function Health() {
  const { api } = useSigned();
  const { data, error, refetch, isFetching } = useQuery({ queryKey: ["health"], queryFn: () => admin.health(api) });
  const failing = data?.rows.filter(({ level }) => level === "failing") ?? [];
  const warnings = data?.rows.filter(({ level }) => level === "warning") ?? [];
  const well = data?.rows.filter(({ level }) => level === "ok") ?? [];
  return (
    <AdminView title={told.title} lead={told.lead}>
      {error !== null && <ProblemNotice problem={Problem.from(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <p role="status">{words.ui.loading}</p>}
      {data !== undefined && (
        <>
          <p className="standing" role="status" data-level={failing.length > 0 ? "failing" : warnings.length > 0 ? "warning" : "ok"}>
            {standing(failing.length, warnings.length)}
            <span className="muted">{told.at(formatInstant(data.at))}</span>
            <button type="button" className="quiet" disabled={isFetching} onClick={() => void refetch()}>
              {told.again}
            </button>
          </p>
          {failing.length + warnings.length > 0 && <Findings rows={[...failing, ...warnings]} />}
          {well.length > 0 && (
            <details open={failing.length + warnings.length === 0}>
              <summary>{told.showAll(well.length)}</summary>
              <Findings rows={well} />
            </details>
          )}
        </>
      )}
    </AdminView>
  );
}

function standing(failing: number, warnings: number): string {
  if (failing > 0) return told.failing(failing);
  return warnings > 0 ? told.warnings(warnings) : told.well;
}

function Findings({ rows }: { rows: Finding[] }) {
  return (
    <table className="data-table stacks findings">
      <caption className="visually-hidden">{told.title}</caption>
      <thead>
        <tr>
          {told.head.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ id, asks, level, said, do: step }) => (
          <tr key={id}>
            <th scope="row">
              {asks}
              <span className="muted mono">{id}</span>
            </th>
            <td data-label={told.head[1]}>
              <span className="level" data-level={level}>
                {told.levels[level]}
              </span>{" "}
              {said}
            </td>
            <td data-label={step === "" ? undefined : told.head[2]}>{step}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
