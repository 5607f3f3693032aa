const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

/** "5 Nov 2025" for an ISO date or time; text that is no date stays as it is. */
export function formatDate(iso: string): string {
  const time = Date.parse(iso);
  return Number.isNaN(time) ? iso : day.format(time);
}

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes}\u00a0B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)}\u00a0kB` : `${(bytes / 1_000_000).toFixed(1)}\u00a0MB`;
}

export function formatMilliseconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** "4.20 s", "12 min 5 s", "3 h 5 min". */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return formatMilliseconds(ms);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** "group:legal" as a person reads it: "legal"; a person's own label: "ana (person)". */
export function formatLabel(token: string): string {
  const [kind, name] = token.split(":", 2);
  return kind === "user" ? `${name} (person)` : (name ?? token);
}

const moment = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

/** "5 Nov, 14:30" of an ISO time, as the reader's clock has it. */
export function formatMoment(iso: string): string {
  return moment.format(Date.parse(iso));
}

const instant = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** "5 Nov 2025, 14:30:07" of an ISO time, as the reader's clock has it. */
export function formatInstant(iso: string): string {
  return instant.format(Date.parse(iso));
}

const shortDay = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** "5 Nov" of an ISO date or time. */
export function dayOf(iso: string): string {
  return shortDay.format(Date.parse(iso));
}

const number = new Intl.NumberFormat("en-GB");

/** "12,345". */
export function formatNumber(value: number): string {
  return number.format(value);
}
