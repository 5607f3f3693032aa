import type { Evaluation } from "../client/types";
import { words } from "../strings";
import { formatDate } from "../ui/format";
import { between, percent, points, roundUp, seconds, secondsTick, series, shareTick } from "./figures";
import { ScrollTable } from "./ScrollTable";
import { TrendChart } from "./TrendChart";

const told = words.evaluation.trend;

/** A suite over nights: the share that is right with its interval, and seconds; the same as a table behind a fold. */
export function SuiteTrend({ runs, suite, chosen }: { runs: Evaluation[]; suite: string; chosen: string }) {
  const right = series(runs, suite, "right");
  const half = series(runs, suite, "seconds_end_p50");
  const slow = series(runs, suite, "seconds_end_p95");
  const last = right.at(-1);
  const known = right.flatMap(({ value }) => value ?? []);
  const slowest = slow.at(-1)?.value ?? null;
  const lastBetween = between(last?.low ?? null, last?.high ?? null);
  const ends = [points(Math.min(...known)), percent(Math.max(...known))] as const;
  const top = roundUp(Math.max(0, ...slow.flatMap(({ value }) => value ?? [])));
  return (
    <section className="suite-trend" aria-label={suite}>
      <h3>{suite}</h3>
      <figure>
        <figcaption>
          {told.right} <strong>{percent(last?.value ?? null)}</strong> {told.ofCases(last?.n ?? 0, lastBetween)}
        </figcaption>
        <TrendChart label={told.rightNow(suite, right.length, percent(last?.value ?? null), lastBetween, ...ends)} lines={[{ name: told.lines.right, points: right, band: true }]} top={1} tick={shareTick} chosen={chosen} />
      </figure>
      <figure>
        <figcaption>
          {told.secondsHalf} <strong>{seconds(half.at(-1)?.value ?? null)}</strong>
          {told.secondsMost} <strong>{seconds(slowest)}</strong> {told.dashed}
        </figcaption>
        <TrendChart
          label={told.secondsNow(suite, half.length, seconds(half.at(-1)?.value ?? null), seconds(slowest))}
          lines={[
            { name: told.lines.half, points: half },
            { name: told.lines.most, points: slow, dashed: true },
          ]}
          top={top}
          tick={secondsTick}
          chosen={chosen}
        />
      </figure>
      <details>
        <summary>{told.asTable(suite)}</summary>
        <ScrollTable
          label={told.nightByNight(suite)}
          head={told.head}
          rows={[...right].reverse().map(({ run, value, low, high, n, nans }, at) => [
            `${formatDate(run.started_at)}${run.status === "done" ? "" : ` (${run.status})`}`,
            percent(value),
            between(low, high),
            n,
            nans,
            seconds(half.at(-1 - at)?.value ?? null),
            seconds(slow.at(-1 - at)?.value ?? null),
          ])}
        />
      </details>
    </section>
  );
}
