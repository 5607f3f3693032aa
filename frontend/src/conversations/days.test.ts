import { expect, it } from "vitest";
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
