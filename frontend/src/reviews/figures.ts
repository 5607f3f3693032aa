import type { CellStatus, Review } from "../client/reviews";
import { words } from "../strings";
import { ended } from "./matrix";

const said = words.reviews;
/** Ended well first; what still waits last. */
export const ORDER: CellStatus[] = ["answered", "partial", "not_found", "failed", "stale", "running", "waiting"];

/** "12 answered · 3 not found": states that occur. */
export function countsLine({ counts }: Pick<Review, "counts">): string {
  return said.counted(ORDER.flatMap((state) => ((counts[state] ?? 0) > 0 ? [[state, counts[state] ?? 0]] : [])));
}

export function progressLine(review: Pick<Review, "cells" | "counts">): string {
  return said.progress(ended(review), review.cells);
}

/** "40 s", "12 min", "3 h 5 min". */
export function elapsed(from: string, now: number): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(from)) / 1000));
  if (seconds < 60) return said.seconds(seconds);
  if (seconds < 3600) return said.minutes(Math.floor(seconds / 60));
  return said.hours(Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60));
}

/** "user:ben" as a person reads it. */
export function nameOf(principal: string): string {
  const at = principal.indexOf(":");
  return said.principal(principal.slice(0, at), principal.slice(at + 1));
}

/** Whether it is this person's own, however their credential writes their name. */
export function isOwn({ owner }: Pick<Review, "owner">, { user }: { user: string }): boolean {
  return owner.toLowerCase() === `user:${user}`.toLowerCase();
}
