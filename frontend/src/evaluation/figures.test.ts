import { describe, expect, it } from "vitest";
import type { Evaluation, Figure, Gate, Slice } from "../client/types";
import { asked, between, figureName, figureValue, gapLine, gateChange, percent, points, roundUp, seconds, series, suitesOf } from "./figures";

function figure(suite: string, name: string, value: number | null): Figure {
  return { suite, name, value, low: value === null ? null : value - 0.1, high: value === null ? null : value + 0.1, n: 10, nans: 2 };
}

function night(id: string, setup: string, figures: Figure[]): Evaluation {
  return {
    id,
    what: "nightly",
    started_at: "2026-11-01T02:00:00Z",
    ended_at: null,
    status: "done",
    commit: "",
    config_sha256: setup,
    data_sha256: "",
    setup: {},
    plan: {},
    planned: 10,
    cases: 10,
    right: 8,
    errors: 0,
    figures,
  };
}

const NEWEST_FIRST = [
  night("c", "b", [figure("golden", "right", 0.5)]),
  night("b", "b", [figure("golden", "right", null), figure("new", "right", 1)]),
  night("a", "a", [figure("golden", "right", 0.8), figure("performance", "right", 1)]),
];

describe("figures over nights", () => {
  it("come oldest first, with where the setup changed", () => {
    const found = series(NEWEST_FIRST, "golden", "right");
    expect(found.map(({ run, value, changed }) => [run.id, value, changed])).toEqual([
      ["a", 0.8, false],
      ["b", null, true],
      ["c", 0.5, false],
    ]);
    expect(found[0]).toMatchObject({ low: 0.7000000000000001, high: 0.9, n: 10, nans: 2 });
  });

  it("leave out nights that did not ask the suite", () => {
    expect(series(NEWEST_FIRST, "performance", "right").map(({ run }) => run.id)).toEqual(["a"]);
    expect(suitesOf(NEWEST_FIRST)).toEqual(["golden", "performance", "new"]);
  });

  it("leave out nights that know of a suite but asked no case of it", () => {
    const memory = [night("d", "a", [figure("performance", "peak_memory_mib", 900)]), ...NEWEST_FIRST];
    expect(series(memory, "performance", "right").map(({ run }) => run.id)).toEqual(["a"]);
    expect(memory.map((run) => asked(run, "performance"))).toEqual([false, false, false, true]);
  });

});

describe("numbers as they are read", () => {
  it("say when there is none", () => {
    expect([percent(null), seconds(null), between(null, 0.5), figureValue(figure("golden", "leak", null))]).toEqual([
      "no number",
      "no number",
      "",
      "no number",
    ]);
  });

  it("are shares, seconds or amounts by their name", () => {
    expect(figureValue(figure("golden", "right", 0.8123))).toBe("81.2\u00a0%");
    expect(figureValue(figure("golden", "seconds_end_p95", 2.345))).toBe("2.3\u00a0s");
    expect(figureValue(figure("golden", "seconds_end_p50", 0.0421))).toBe("42\u00a0ms");
    expect(figureValue(figure("golden", "completion_tokens", 81.4))).toBe("81.4");
    expect([figureName("seconds_first_p50"), figureName("ragas_faithfulness")]).toEqual([
      "seconds to the first sentence p50",
      "RAGAS: faithfulness",
    ]);
    expect([points(-0.05), points(-0.0001)]).toEqual(["\u22125.0", "0.0"]);
  });

  it.each([
    [0, 1],
    [0.041, 0.05],
    [0.06, 0.1],
    [1, 1],
    [2.4, 5],
    [51, 100],
  ])("an axis up to %d ends at %d", (highest, end) => expect(roundUp(highest)).toBe(end));
});

describe("gaps and gates", () => {
  const slice = { suite: "golden", by: "kind", name: "table", n: 10, right: 3, share: 0.3, low: 0, high: 1, rest: 10, rest_right: 9, worse: true };

  it("tell a gap that may be chance from one that is none", () => {
    const sure: Slice = { ...slice, gap: -0.6, gap_low: -0.809, gap_high: -0.1705 };
    expect(gapLine(sure)).toBe("60.0 points less than the rest (17.1 to 80.9)");
    expect(gapLine({ ...sure, gap_high: 0.02, worse: false })).toBe("60.0 points less than the rest, which may be chance");
  });

  const gate: Gate = {
    metric: "right",
    kind: "yes_no",
    aim: "not_worse",
    margin: 0.05,
    guard: false,
    outcome: "block",
    n: 94,
    change: -0.1,
    low: -0.15,
    high: 0.02,
    detects: 0.1,
    more: null,
    left_out: 0,
    lost: [],
    gained: [],
    also: [],
  };

  it("tell a change in points, and of durations as how much longer they take", () => {
    expect(gateChange(gate)).toEqual({ change: "\u221210.0", interval: "\u221215.0 to +2.0" });
    const slower = { ...gate, kind: "duration", change: Math.log(1 / 1.5), low: Math.log(1 / 2), high: 0 };
    expect(gateChange(slower)).toEqual({ change: "+50.0\u00a0%", interval: "0.0\u00a0% to +100.0\u00a0%" });
    expect(gateChange({ ...gate, change: null })).toEqual({ change: "no number", interval: "" });
  });
});
