import { type Point, pieces } from "./figures";

export interface Line {
  name: string;
  points: Point[];
  /** Whether its interval is drawn as a band. */
  band?: boolean;
  dashed?: boolean;
}

interface Props {
  /** What the picture says, in words. */
  label: string;
  lines: Line[];
  /** Of the axis, from 0. */
  top: number;
  tick: (value: number) => string;
  /** The night that is looked at. */
  chosen: string;
}

const WIDTH = 340;
const HEIGHT = 150;
const LEFT = 52;
const RIGHT = 8;
const TOP = 10;
const BOTTOM = 22;
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** Lines over nights, oldest on the left, each night as wide as any other. The same figures stand in a table beside. */
export function TrendChart({ label, lines, top, tick, chosen }: Props) {
  const nights = lines[0]?.points ?? [];
  const x = (at: number) => LEFT + ((WIDTH - LEFT - RIGHT) * (at + 0.5)) / Math.max(nights.length, 1);
  const y = (value: number) => HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * Math.min(1, value / top);
  const shown = nights.findIndex(({ run }) => run.id === chosen);
  return (
    <svg className="trend" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      {[0, top / 2, top].map((value) => (
        <g key={value}>
          <line className="trend-grid" x1={LEFT} x2={WIDTH - RIGHT} y1={y(value)} y2={y(value)} />
          <text className="trend-tick" x={LEFT - 6} y={y(value) + 4} textAnchor="end">
            {value === 0 ? "0" : tick(value)}
          </text>
        </g>
      ))}
      {shown >= 0 && <line className="trend-chosen" x1={x(shown)} x2={x(shown)} y1={TOP} y2={HEIGHT - BOTTOM} />}
      {nights.map(
        ({ changed, run }, at) =>
          changed && (
            <path key={run.id} className="trend-changed" d={`M${x(at) - 4} ${HEIGHT - BOTTOM} h8 l-4 -7 z`}>
              <title>{`${dayOf(run.started_at)}: another setup`}</title>
            </path>
          ),
      )}
      {lines.map((line) => (
        <g key={line.name}>
          {line.band === true && pieces(line.points).map((piece) => <Band key={piece[0]?.at} piece={piece} x={x} y={y} />)}
          {pieces(line.points).map((piece) => (
            <polyline
              key={piece[0]?.at}
              className={line.dashed === true ? "trend-line dashed" : "trend-line"}
              points={piece.map(({ at, point }) => `${x(at)},${y(point.value ?? 0)}`).join(" ")}
            />
          ))}
          {line.points.map(
            ({ run, value }, at) =>
              value !== null && (
                <circle
                  key={run.id}
                  className={run.status === "done" ? "trend-dot" : "trend-dot hollow"}
                  cx={x(at)}
                  cy={y(value)}
                  r={run.id === chosen ? 4 : 2.5}
                >
                  <title>{`${dayOf(run.started_at)}, ${line.name}: ${tick(value)}`}</title>
                </circle>
              ),
          )}
        </g>
      ))}
      {nights.length > 0 && (
        <text className="trend-tick" x={LEFT} y={HEIGHT - 6}>
          {dayOf(nights[0]?.run.started_at)}
        </text>
      )}
      {nights.length > 1 && (
        <text className="trend-tick" x={WIDTH - RIGHT} y={HEIGHT - 6} textAnchor="end">
          {dayOf(nights.at(-1)?.run.started_at)}
        </text>
      )}
    </svg>
  );
}

interface BandProps {
  piece: { at: number; point: Point }[];
  x: (at: number) => number;
  y: (value: number) => number;
}

function Band({ piece, x, y }: BandProps) {
  const known = piece.filter(({ point }) => point.low !== null && point.high !== null);
  if (known.length === 0) return null;
  if (known.length === 1) {
    const { at, point } = known[0] as (typeof known)[number];
    return <line className="trend-band-line" x1={x(at)} x2={x(at)} y1={y(point.low ?? 0)} y2={y(point.high ?? 0)} />;
  }
  const upper = known.map(({ at, point }) => `${x(at)},${y(point.high ?? 0)}`);
  const lower = known.map(({ at, point }) => `${x(at)},${y(point.low ?? 0)}`).reverse();
  return <polygon className="trend-band" points={[...upper, ...lower].join(" ")} />;
}

function dayOf(iso: string | undefined): string {
  return iso === undefined ? "" : day.format(Date.parse(iso));
}
