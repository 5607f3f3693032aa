import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { Bar, BarChart, CartesianGrid, Legend, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { useSigned } from "../app/context";
import { admin, type UsageReport } from "../client/admin";
import { Problem } from "../client/problem";
import { words } from "../strings";
import { dayOf, formatDate, formatNumber } from "../ui/format";
import { type Column, DataTable } from "../ui/DataTable";
import { ProblemNotice } from "../ui/ProblemNotice";
import { useTable } from "../ui/useTable";
import { AdminView } from "./AdminView";
import { personOf } from "./actions";

const told = words.usage;
const DAY_MS = 86_400_000;
const PARTS = ["answered", "partial", "abstained", "failed"] as const;
const FILLS = {
  answered: "var(--accent)",
  partial: "color-mix(in srgb, var(--accent), var(--surface) 55%)",
  abstained: "var(--line-strong)",
  failed: "var(--danger)",
};
const HEIGHT = 220;

function daysAgo(days: number): string {
  return new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);
}

/** What answers have used: in all, by day, by person. */
export function Usage() {
  const { api } = useSigned();
  const [range, setRange] = useState({ from: daysAgo(29), to: daysAgo(0) });
  const { data, error, refetch } = useQuery({
    queryKey: ["usage", range],
    queryFn: () => admin.usage(api, range.from, range.to),
    placeholderData: (known) => known,
  });
  return (
    <AdminView title={told.title} lead={told.lead}>
      <Range range={range} onChoose={setRange} />
      {error !== null && <ProblemNotice problem={Problem.from(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <p role="status">{words.ui.loading}</p>}
      {data !== undefined && <Report report={data} />}
    </AdminView>
  );
}

function Range({ range, onChoose }: { range: { from: string; to: string }; onChoose: (range: { from: string; to: string }) => void }) {
  const [draft, setDraft] = useState(range);
  function show(event: FormEvent) {
    event.preventDefault();
    onChoose(draft);
  }
  return (
    <form className="filter-form" aria-label={told.title} onSubmit={show}>
      {(["from", "to"] as const).map((end) => (
        <label key={end} className="field">
          <span>{told[end]}</span>
          <input type="date" required value={draft[end]} onChange={(event) => setDraft({ ...draft, [end]: event.target.value })} />
        </label>
      ))}
      <div className="filter-actions">
        <button type="submit" className="primary">
          {told.show}
        </button>
      </div>
    </form>
  );
}

function Report({ report }: { report: UsageReport }) {
  const { total, days, prices, evaluation } = report;
  if (total.answers === 0) return <p className="muted">{told.noAnswers}</p>;
  return (
    <>
      <dl className="figures">
        <Figure name={told.answers} value={formatNumber(total.answers)}>
          {PARTS.map((part) => `${formatNumber(total[part])} ${told[part]}`).join(", ")}
        </Figure>
        <Figure name={told.tokens} value={formatNumber(total.prompt_tokens + total.completion_tokens)}>
          {told.tokensLine(formatNumber(total.prompt_tokens), formatNumber(total.completion_tokens))}
        </Figure>
        <Figure name={told.time} value={`${(total.seconds / total.answers).toFixed(1)}\u00a0s`} />
        <Figure name={told.cost} value={costOf(total.cost)}>
          {prices.length === 0 ? told.noPrice : undefined}
        </Figure>
      </dl>
      {prices.length > 0 && <Prices report={report} />}
      {evaluation.answers > 0 && (
        <p className="muted">
          {told.evaluation(evaluation.answers, formatNumber(evaluation.prompt_tokens + evaluation.completion_tokens))}
        </p>
      )}
      <h2>{told.days}</h2>
      <Days days={everyDay(report)} />
      <details>
        <summary>{told.asTable}</summary>
        <Rows name="days" label={told.days} first={told.day} rows={days.map((day) => ({ ...day, name: formatDate(day.day), key: day.day }))} />
      </details>
      <h2>{told.people}</h2>
      <Rows name="people" label={told.people} first={told.person} rows={report.people.map((one) => ({ ...one, name: personOf(one.principal), key: one.principal }))} />
    </>
  );
}

/** A row for each day, also where nothing was asked, so that the axis is one of time. */
function everyDay({ since, until, days }: UsageReport): UsageReport["days"] {
  const known = new Map(days.map((day) => [day.day, day]));
  const none = { answers: 0, answered: 0, partial: 0, abstained: 0, failed: 0, prompt_tokens: 0, completion_tokens: 0, seconds: 0, cost: null, unpriced: 0 };
  const count = Math.round((Date.parse(until) - Date.parse(since)) / DAY_MS) + 1;
  return Array.from({ length: count }, (_, at) => {
    const day = new Date(Date.parse(since) + at * DAY_MS).toISOString().slice(0, 10);
    return known.get(day) ?? { ...none, day };
  });
}

function Figure({ name, value, children }: { name: string; value: string; children?: ReactNode }) {
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd>
        <strong>{value}</strong>
        {children !== undefined && <span>{children}</span>}
      </dd>
    </div>
  );
}

function Days({ days }: { days: UsageReport["days"] }) {
  const most = days.reduce((one, other) => (other.answers > one.answers ? other : one));
  const answers = days.reduce((sum, one) => sum + one.answers, 0);
  return (
    <div className="day-chart" role="img" aria-label={told.chart(answers, days.filter((day) => day.answers > 0).length, most.answers, formatDate(most.day))}>
      <ResponsiveContainer width="100%" height={HEIGHT} initialDimension={{ width: 600, height: HEIGHT }}>
        <BarChart data={days} accessibilityLayer={false} margin={{ top: 8, right: 8, bottom: 0, left: 0 }}>
          <CartesianGrid vertical={false} className="trend-grid" />
          <XAxis dataKey="day" tickFormatter={dayOf} tickLine={false} minTickGap={32} />
          <YAxis allowDecimals={false} width={44} axisLine={false} tickLine={false} />
          <Tooltip labelFormatter={(day) => dayOf(String(day))} isAnimationActive={false} wrapperClassName="chart-told" cursor={false} />
          <Legend itemSorter={null} />
          {PARTS.map((part) => (
            <Bar key={part} dataKey={part} name={told[part]} stackId="answers" fill={FILLS[part]} maxBarSize={36} isAnimationActive={false} />
          ))}
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}

/** By what the cost was counted. */
function Prices({ report: { prices, total } }: { report: UsageReport }) {
  return (
    <div className="prices">
      <p>{told.priced}</p>
      <ul>
        {prices.map(({ model, since, price: [read = 0, written = 0] }) => (
          <li key={`${model} ${since}`}>{told.price(model, formatDate(since), read, written)}</li>
        ))}
      </ul>
      {total.unpriced > 0 && <p>{told.unpriced(formatNumber(total.unpriced))}</p>}
    </div>
  );
}

/** "0.42"; what is less than the smallest coin is told as such, and not as nothing. */
function costOf(cost: number | null): string {
  if (cost === null) return told.noCost;
  return cost > 0 && cost < 0.01 ? told.lessThan((0.01).toFixed(2)) : cost.toFixed(2);
}

type Row = UsageReport["total"] & { name: string; key: string };
const NUMBERS = ["answers", "abstained", "failed", "prompt_tokens", "completion_tokens", "seconds"] as const;

function Rows({ name, label, first, rows }: { name: string; label: string; first: string; rows: Row[] }) {
  const columns: Column<Row>[] = [
    { id: "name", name: first, cell: (row) => row.name, order: (row) => row.key },
    ...NUMBERS.map((id) => ({ id, name: told.head[id], cell: (row: Row) => formatNumber(Math.round(row[id])), order: (row: Row) => row[id], number: true })),
    { id: "cost", name: told.head.cost, cell: (row) => costOf(row.cost), order: (row) => row.cost, number: true },
  ];
  const state = useTable(
    columns.map(({ id }) => id),
    name === "days" ? { by: "name", descending: false } : { by: "answers", descending: true },
    name,
  );
  return <DataTable name={label} columns={columns} rows={rows} keyOf={({ key }) => key} none={told.noAnswers} state={state} narrow="scroll" />;
}
