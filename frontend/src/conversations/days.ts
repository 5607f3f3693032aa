export type Age = "today" | "yesterday" | "week" | "older";

const DAY_MS = 86_400_000;
const AGES: Age[] = ["today", "yesterday", "week", "older"];

/** How long ago a time lies, by the days of the reader's calendar: one of them may have 23 hours, or 25. */
export function ageOf(iso: string, now: Date): Age {
  const days = dayNumber(now) - dayNumber(new Date(iso));
  if (days <= 0) return "today";
  return days === 1 ? "yesterday" : days <= 7 ? "week" : "older";
}

/** The number of a day of the reader's calendar; those of days that follow each other do so too. */
function dayNumber(time: Date): number {
  return Date.UTC(time.getFullYear(), time.getMonth(), time.getDate()) / DAY_MS;
}

/** In their order, by age; ages without any are left out. */
export function byAge<T extends { updated_at: string }>(all: T[], now: Date): { age: Age; of: T[] }[] {
  return AGES.map((age) => ({ age, of: all.filter((one) => ageOf(one.updated_at, now) === age) })).filter(({ of }) => of.length > 0);
}
