import { Area, CartesianGrid, ComposedChart, Line, ReferenceDot, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { dayOf } from "../ui/format";
import type { Point } from "./figures";

export interface Trend {
  name: string;
  points: Point[];
  /** Whether its interval is drawn as a band. */
  band?: boolean;
  dashed?: boolean;
}

interface Props {
  /** What the picture says, in words. */
  label: string;
  lines: Trend[];
  /** Of the axis, from 0. */
  top: number;
  tick: (value: number) => string;
  /** The night that is looked at. */
  chosen: string;
}

interface Night {
  id: string;
  day: string;
  changed: boolean;
  hollow: boolean;
  [line: string]: unknown;
}

const HEIGHT = 170;
const FIRST_SIZE = { width: 340, height: HEIGHT };

/** Lines over nights, oldest on the left, each night as wide as any other. The same figures stand in a table beside. */
export function TrendChart({ label, lines, top, tick, chosen }: Props) {
  const nights = nightsOf(lines);
  return (
    <div className="trend" role="img" aria-label={label}>
      <ResponsiveContainer width="100%" height={HEIGHT} initialDimension={FIRST_SIZE}>
        <ComposedChart data={nights} accessibilityLayer={false} margin={{ top: 8, right: 8, bottom: 0, left: 0 }}>
          <CartesianGrid vertical={false} className="trend-grid" />
          <XAxis dataKey="id" tickFormatter={(id) => nights.find((night) => night.id === id)?.day ?? ""} minTickGap={48} tickLine={false} />
          <YAxis domain={[0, top]} ticks={[0, top / 2, top]} tickFormatter={(value: number) => (value === 0 ? "0" : tick(value))} width={52} axisLine={false} tickLine={false} />
          <Tooltip isAnimationActive={false} content={({ active, payload }) => (active ? <Told night={payload[0]?.payload as Night} lines={lines} tick={tick} /> : null)} />
          {nights.some(({ id }) => id === chosen) && <ReferenceLine x={chosen} className="trend-chosen" />}
          {lines
            .filter(({ band }) => band === true)
            .map(({ name }) => (
              <Area key={name} dataKey={`${name} band`} className="trend-band" stroke="none" isAnimationActive={false} activeDot={false} />
            ))}
          {lines.map(({ name, dashed }) => (
            <Line
              key={name}
              dataKey={name}
              className={dashed === true ? "trend-line dashed" : "trend-line"}
              isAnimationActive={false}
              dot={({ cx, cy, payload }) => <Dot key={(payload as Night).id} cx={cx} cy={cy} night={payload as Night} chosen={chosen} />}
            />
          ))}
          {nights.filter(({ changed }) => changed).map(({ id }) => (
            <ReferenceDot key={id} x={id} y={0} shape={({ cx = 0, cy = 0 }) => <path className="trend-changed" d={`M${cx - 4} ${cy} h8 l-4 -7 z`} />} />
          ))}
        </ComposedChart>
      </ResponsiveContainer>
    </div>
  );
}

/** What the chart draws: a row for each night, each line with its value and, as a pair, its interval. */
function nightsOf(lines: Trend[]): Night[] {
  return (lines[0]?.points ?? []).map(({ run, changed }, at) => {
    const night: Night = { id: run.id, day: dayOf(run.started_at), changed, hollow: run.status !== "done" };
    for (const { name, points } of lines) {
      const { value = null, low = null, high = null } = points[at] ?? {};
      night[name] = value;
      night[`${name} band`] = low === null || high === null ? null : [low, high];
    }
    return night;
  });
}

function Dot({ cx, cy, night, chosen }: { cx: number | undefined; cy: number | null | undefined; night: Night; chosen: string }) {
  if (cx === undefined || cy === undefined || cy === null || Number.isNaN(cy)) return null;
  return <circle className={night.hollow ? "trend-dot hollow" : "trend-dot"} cx={cx} cy={cy} r={night.id === chosen ? 4 : 2.5} />;
}

function Told({ night, lines, tick }: { night: Night | undefined; lines: Trend[]; tick: (value: number) => string }) {
  if (night === undefined) return null;
  return (
    <div className="chart-told">
      <strong>{night.day}</strong>
      {lines.map(({ name }) => (
        <span key={name}>
          {name}: {typeof night[name] === "number" ? tick(night[name]) : "no number"}
        </span>
      ))}
    </div>
  );
}
