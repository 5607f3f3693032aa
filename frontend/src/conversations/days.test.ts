import { afterEach, describe, expect, it } from "vitest";
import type { Conversation } from "../client/conversations";
import { ageOf, byAge } from "./days";
import { matching } from "./useList";

const now = new Date(2026, 11, 8, 0, 30);
const at = (...parts: [number, number, number, number?]) => new Date(...(parts as [number, number, number])).toISOString();

it("counts days by the reader's clock", () => {
  expect(ageOf(at(2026, 11, 8), now)).toBe("today");
  expect(ageOf(at(2026, 11, 7), now)).toBe("yesterday");
  expect(ageOf(new Date(2026, 11, 7, 23, 59).toISOString(), now)).toBe("yesterday");
  expect(ageOf(at(2026, 11, 6), now)).toBe("week");
  expect(ageOf(at(2026, 11, 1), now)).toBe("week");
  expect(ageOf(new Date(2026, 10, 30, 23).toISOString(), now)).toBe("older");
});

it("leaves out days without any", () => {
  const all = [{ updated_at: at(2026, 11, 8) }, { updated_at: at(2020, 0, 1) }];
  expect(byAge(all, now).map(({ age, of }) => [age, of.length])).toEqual([["today", 1], ["older", 1]]);
});

it("finds titles by each of their words", () => {
  const all = ["Rent of Unit 7", "Rent of Unit 8"].map((title) => ({ title }) as Conversation);
  expect(matching(all, "unit  8 rent")).toEqual([all[1]]);
  expect(matching(all, " ")).toEqual(all);
});

describe("where the clocks are changed", () => {
  const zone = process.env.TZ;
  afterEach(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  it("a day of 25 hours is one day", () => {
    process.env.TZ = "Europe/Berlin";
    const monday = new Date(2026, 9, 26, 9);
    const [first, last] = [new Date(2026, 9, 25, 0, 5), new Date(2026, 9, 25, 23, 55)];
    expect(new Date(2026, 9, 26).getTime() - new Date(2026, 9, 25).getTime()).toBe(25 * 3_600_000);
    expect([first, last].map((time) => ageOf(time.toISOString(), monday))).toEqual(["yesterday", "yesterday"]);
    expect(ageOf(first.toISOString(), last)).toBe("today");
    expect(ageOf(new Date(2026, 9, 19, 0, 5).toISOString(), monday)).toBe("week");
    expect(ageOf(new Date(2026, 9, 18, 23, 55).toISOString(), monday)).toBe("older");
  });

  it("so is one of 23 hours", () => {
    process.env.TZ = "America/New_York";
    const monday = new Date(2026, 2, 9, 0, 5);
    expect(new Date(2026, 2, 9).getTime() - new Date(2026, 2, 8).getTime()).toBe(23 * 3_600_000);
    expect(ageOf(new Date(2026, 2, 8, 0, 5).toISOString(), monday)).toBe("yesterday");
    expect(ageOf(new Date(2026, 2, 7, 23, 55).toISOString(), monday)).toBe("week");
  });
});
