const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

/** "31 May 2024" for an ISO date or time; text that is no date stays as it is. */
export function longDate(iso: string): string {
  const time = Date.parse(iso);
  return Number.isNaN(time) ? iso : day.format(time);
}

/** "ana" of "user:ana". */
export function personOf(token: string): string {
  return token.startsWith("user:") ? token.slice("user:".length) : token;
}
