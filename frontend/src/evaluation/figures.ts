import type { CaseResult, Evaluation, Figure, Gate, Slice } from "../client/types";

/** A suite's figure in one night. `value` null: there was no number. `changed`: the night was asked of another setup. */
export interface Point {
  run: Evaluation;
  value: number | null;
  low: number | null;
  high: number | null;
  n: number;
  nans: number;
  changed: boolean;
}

/** The suites that any of these nights has asked, in the order in which they are told. */
export function suitesOf(runs: Evaluation[]): string[] {
  const order = ["regression", "golden", "adversarial", "performance"];
  const found = new Set(runs.flatMap(({ figures }) => figures.map(({ suite }) => suite)));
  return [...order.filter((suite) => found.has(suite)), ...[...found].filter((suite) => !order.includes(suite)).sort()];
}

/** Whether a night has asked any case of a suite. Peak memory is told with `performance`, whatever was asked. */
export function asked({ figures }: Evaluation, suite: string): boolean {
  return figures.some((one) => one.suite === suite && one.name === "right");
}

/** One figure of a suite over nights, which come newest first; the points come oldest first. */
export function series(runs: Evaluation[], suite: string, name: string): Point[] {
  const nights = runs.filter((run) => asked(run, suite)).reverse();
  return nights.map((run, at) => {
    const found = run.figures.find((one) => one.suite === suite && one.name === name);
    return {
      run,
      value: found?.value ?? null,
      low: found?.low ?? null,
      high: found?.high ?? null,
      n: found?.n ?? 0,
      nans: found?.nans ?? 0,
      changed: at > 0 && nights[at - 1]?.config_sha256 !== run.config_sha256,
    };
  });
}

/** The upper end of an axis from 0: 1, 2 or 5 times a power of ten, and not below the highest value. */
export function roundUp(highest: number): number {
  if (highest <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(highest));
  const step = [1, 2, 5].find((one) => one * power >= highest) ?? 10;
  return Number((step * power).toPrecision(3));
}

export function percent(share: number | null): string {
  return share === null ? "no number" : `${(100 * share).toFixed(1)}\u00a0%`;
}

export function points(share: number | null): string {
  if (share === null) return "no number";
  const value = (100 * share).toFixed(1);
  return value === "-0.0" ? "0.0" : value.replace("-", "\u2212");
}

export function seconds(value: number | null): string {
  if (value === null) return "no number";
  return value < 1 ? `${Math.round(1000 * value)}\u00a0ms` : `${value.toFixed(1)}\u00a0s`;
}

/** Of an axis: short. */
export function shareTick(share: number): string {
  return `${Math.round(100 * share)}\u00a0%`;
}

export function secondsTick(value: number): string {
  return value < 1 ? `${Math.round(1000 * value)}\u00a0ms` : `${Number(value.toPrecision(3))}\u00a0s`;
}

/** "71 to 89 %", "" where there is none. */
export function between(low: number | null, high: number | null): string {
  return low === null || high === null ? "" : `${points(low)} to ${percent(high)}`;
}

export function isSeconds(name: string): boolean {
  return name.startsWith("seconds_");
}

/** A figure as it is read: of seconds, of amounts, else of a share. */
export function figureValue({ name, value }: Figure): string {
  if (isSeconds(name)) return seconds(value);
  if (!isAmount(name)) return percent(value);
  return value === null ? "no number" : String(Number(value.toPrecision(3)));
}

/** What has no scale: no share, no seconds. */
export function isAmount(name: string): boolean {
  return name.endsWith("_tokens") || name === "cost" || name === "peak_memory_mib";
}

/** "seconds_end_p95" as a person reads it. */
export function figureName(name: string): string {
  const words: Record<string, string> = { right: "right", seconds: "seconds to", end: "the end", first: "the first sentence" };
  if (!isSeconds(name)) return name.replaceAll("_", " ").replace(/^ragas /, "RAGAS: ");
  return name
    .split("_")
    .map((word) => words[word] ?? word)
    .join(" ");
}

export function gapLine({ gap, gap_low, gap_high, worse }: Slice): string {
  const way = gap < 0 ? "less" : "more";
  const ends = [Math.abs(gap_low), Math.abs(gap_high)];
  const sure = worse || gap_low > 0;
  const told = `${points(Math.abs(gap))} points ${way} than the rest`;
  return sure ? `${told} (${points(Math.min(...ends))} to ${points(Math.max(...ends))})` : `${told}, which may be chance`;
}

/** What a gate has found, in the unit of its metric; of durations as a change of the median. */
export function gateChange(gate: Gate): { change: string; interval: string } {
  if (gate.change === null || gate.low === null || gate.high === null) return { change: "no number", interval: "" };
  const told = gate.kind === "duration" ? slower : inPoints;
  const [low, high] = gate.kind === "duration" ? [gate.high, gate.low] : [gate.low, gate.high];
  return { change: told(gate.change), interval: `${told(low)} to ${told(high)}` };
}

function inPoints(change: number): string {
  return `${change > 0 ? "+" : ""}${points(change)}`;
}

/** log(old / new) as how much longer the new takes. */
function slower(change: number): string {
  return `${change < 0 ? "+" : ""}${points(Math.exp(-change) - 1)}\u00a0%`;
}

export function caseKey({ suite, case_id }: CaseResult): string {
  return `${suite}/${case_id}`;
}
