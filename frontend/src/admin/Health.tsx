import { useQuery } from "@tanstack/react-query";
import { useSigned } from "../app/context";
import { admin, type Finding } from "../client/admin";
import { Problem } from "../client/problem";
import { words } from "../strings";
import { type Column, DataTable } from "../ui/DataTable";
import { formatInstant } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";
import { AdminView } from "./AdminView";

const told = words.health;

const COLUMNS: Column<Finding>[] = [
  { id: "asks", name: told.head.asks, cell: (one) => <Asked finding={one} /> },
  { id: "said", name: told.head.said, cell: (one) => <Said finding={one} /> },
  { id: "do", name: told.head.do, cell: (one) => (one.do === "" ? told.nothing : <Commands text={one.do} />) },
];

/** The readiness list of the running service: what fails first, what is well behind a fold; each row with what to do. */
export function Health() {
  const { api } = useSigned();
  const { data, error, refetch, isFetching } = useQuery({ queryKey: ["health"], queryFn: () => admin.health(api) });
  const failing = data?.rows.filter(({ level }) => level === "failing") ?? [];
  const warnings = data?.rows.filter(({ level }) => level === "warning") ?? [];
  const well = data?.rows.filter(({ level }) => level === "ok") ?? [];
  const open = [...failing, ...warnings];
  return (
    <AdminView title={told.title} lead={told.lead}>
      {error !== null && <ProblemNotice problem={Problem.from(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <p role="status">{told.looking}</p>}
      {data !== undefined && (
        <>
          <p className="standing" role="status" data-level={failing.length > 0 ? "failing" : warnings.length > 0 ? "warning" : "ok"}>
            {standing(failing.length, warnings.length)}
            <span className="muted">{told.at(formatInstant(data.at))}</span>
            <button type="button" className="quiet" disabled={isFetching} onClick={() => void refetch()}>
              {told.again}
            </button>
          </p>
          {open.length > 0 && <Findings name={told.open} rows={open} />}
          {well.length > 0 && (
            <details open={open.length === 0}>
              <summary>{told.showAll(well.length)}</summary>
              <Findings name={told.wellName} rows={well} />
            </details>
          )}
        </>
      )}
    </AdminView>
  );
}

function standing(failing: number, warnings: number): string {
  if (failing > 0) return told.failing(failing, warnings);
  return warnings > 0 ? told.warnings(warnings) : told.well;
}

function Findings({ name, rows }: { name: string; rows: Finding[] }) {
  return (
    <div className="findings">
      <DataTable name={name} columns={COLUMNS} rows={rows} keyOf={({ id }) => id} none={told.nothing} />
    </div>
  );
}

function Asked({ finding: { asks, id } }: { finding: Finding }) {
  return (
    <>
      {asks}
      <span className="muted mono">{id}</span>
    </>
  );
}

function Said({ finding: { level, said } }: { finding: Finding }) {
  return (
    <>
      <span className="level" data-level={level}>
        {told.levels[level]}
      </span>{" "}
      {said}
    </>
  );
}

/** What to do, with commands as they are typed. */
function Commands({ text }: { text: string }) {
  return text.split(/(footnote [a-z][\w -]*\w)/).map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part));
}
