import type { Evaluation } from "../client/types";
import { formatDate } from "../ui/format";
import { between, percent, points, roundUp, seconds, secondsTick, series, shareTick } from "./figures";
import { ScrollTable } from "./ScrollTable";
import { TrendChart } from "./TrendChart";

/** A suite over nights: the share that is right with its interval, and seconds; the same as a table behind a fold. */
export function SuiteTrend({ runs, suite, chosen }: { runs: Evaluation[]; suite: string; chosen: string }) {
  const right = series(runs, suite, "right");
  const half = series(runs, suite, "seconds_end_p50");
  const slow = series(runs, suite, "seconds_end_p95");
  const last = right.at(-1);
  const known = right.flatMap(({ value }) => value ?? []);
  const slowest = slow.at(-1)?.value ?? null;
  const told =
    `${suite}: share right over ${right.length} nights, ${percent(last?.value ?? null)} in the last one ` +
    `(${between(last?.low ?? null, last?.high ?? null)}), from ${points(Math.min(...known))} to ${percent(Math.max(...known))} in all.`;
  const top = roundUp(Math.max(0, ...slow.flatMap(({ value }) => value ?? [])));
  return (
    <section className="suite-trend" aria-label={suite}>
      <h3>{suite}</h3>
      <figure>
        <figcaption>
          Right: <strong>{percent(last?.value ?? null)}</strong> of {last?.n ?? 0} {last?.n === 1 ? "case" : "cases"} in the last night that
          asked it, {between(last?.low ?? null, last?.high ?? null)}
        </figcaption>
        <TrendChart label={told} lines={[{ name: "right", points: right, band: true }]} top={1} tick={shareTick} chosen={chosen} />
      </figure>
      <figure>
        <figcaption>
          Seconds: half within <strong>{seconds(half.at(-1)?.value ?? null)}</strong>, 95 of 100 within{" "}
          <strong>{seconds(slowest)}</strong> (dashed)
        </figcaption>
        <TrendChart
          label={`${suite}: seconds over ${half.length} nights; in the last one half were within ${seconds(half.at(-1)?.value ?? null)} and 95 of 100 within ${seconds(slowest)}.`}
          lines={[
            { name: "half within", points: half },
            { name: "95 of 100 within", points: slow, dashed: true },
          ]}
          top={top}
          tick={secondsTick}
          chosen={chosen}
        />
      </figure>
      <details>
        <summary>{suite} as a table</summary>
        <ScrollTable
          label={`${suite}, night by night`}
          head={["Night", "Right", "95 % interval", "Cases", "No result", "Half within", "95 of 100 within"]}
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
