export type Age = "today" | "yesterday" | "week" | "older";

const DAY_MS = 86_400_000;
const AGES: Age[] = ["today", "yesterday", "week", "older"];

/** How long ago a time lies, by the days of the reader's clock. */
export function ageOf(iso: string, now: Date): Age {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const time = Date.parse(iso);
  if (time >= midnight) return "today";
  const days = Math.ceil(Math.round(midnight - time) / DAY_MS);
  return days <= 1 ? "yesterday" : days <= 7 ? "week" : "older";
}

/** In their order, by age; ages without any are left out. */
export function byAge<T extends { updated_at: string }>(all: T[], now: Date): { age: Age; of: T[] }[] {
  return AGES.map((age) => ({ age, of: all.filter((one) => ageOf(one.updated_at, now) === age) })).filter(({ of }) => of.length > 0);
}
