import type { Job, JobFile, Uploaded } from "../client/types";
import { languageName } from "../documents/language";
import { coverageLine, warningLines } from "../documents/reading";
import { words } from "../strings";
import { isOver } from "./state";

const told = words.jobs;

export function statusWord(job: Job): string {
  if (job.cancelling) return told.stopping;
  if (job.listing && !isOver(job)) return told.listing;
  return told.status[job.status];
}

/** How far it is and how fast it goes; once it is over, what became of its files. */
export function progressLine(job: Job): string {
  if (isOver(job)) return outcomesLine(job);
  const parts = [
    job.total === 0 ? "" : told.ofFiles(job.ended, job.total),
    job.failed === 0 ? "" : told.failed(job.failed),
    job.files_per_second === null ? "" : paceWords(job.files_per_second),
    job.seconds_left === null ? "" : timeLeft(job.seconds_left),
  ];
  return parts.filter(Boolean).join(" · ");
}

function outcomesLine({ outcomes, done, failed, cancelled }: Job): string {
  const ended = Object.entries(outcomes).filter(([outcome]) => outcome !== "failed");
  const kinds = ended.map(([outcome, files]) => `${told.count(files)} ${outcomeWord(outcome)}`);
  const parts = [
    ...(kinds.length > 0 || done === 0 ? kinds : [told.done(done)]),
    failed === 0 ? "" : told.failed(failed),
    cancelled === 0 ? "" : told.notBegun(cancelled),
  ];
  return parts.filter(Boolean).join(", ");
}

/** What a screen reader is told while it goes on: when it begins, at each quarter, and at the end. */
export function announcement(job: Job): string {
  const quarter = Math.floor((4 * job.ended) / Math.max(job.total, 1));
  if (isOver(job)) return told.heard(job.title, statusWord(job), `. ${outcomesLine(job)}`);
  const far = quarter === 0 || job.listing ? "" : `, ${25 * quarter}%`;
  return told.heard(job.title, statusWord(job), far);
}

export function paceWords(perSecond: number): string {
  if (perSecond >= 1) return told.perSecond(perSecond.toFixed(1));
  const perMinute = perSecond * 60;
  return perMinute >= 1.5 ? told.perMinute(Math.round(perMinute)) : told.slow;
}

export function timeLeft(seconds: number): string {
  if (seconds < 10) return told.fewSeconds;
  if (seconds < 55) return told.seconds(Math.ceil(seconds / 5) * 5);
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return minutes <= 1 ? told.minute : told.minutes(minutes);
  return told.hours(Math.round(minutes / 60));
}

/** A file by the path under which it was handed in. */
export function pathOf({ source, name }: JobFile): string {
  return /^upload\/[^/]+\/(.+)$/.exec(source)?.[1] ?? (source || name);
}

/** "added: version 1, 3 pages, German, 14 passages" */
export function fileLine({ name, status, reason, result }: JobFile): string {
  if (status === "failed") return told.failedWhy(withoutName(reason, name));
  if (status !== "done" || result === null) return told.fileStatus[status];
  const { outcome, version, pages, coverage, language, chunks, children } = result;
  const parts = [
    version === 0 ? "" : told.version(version),
    coverageLine(coverage, pages),
    languageName(language),
    outcome === "unchanged" ? "" : told.passages(chunks),
    children.length === 0 ? "" : told.inIt(children.length),
  ];
  return `${outcomeWord(outcome)}: ${parts.filter(Boolean).join(", ")}`;
}

/** Many reasons begin with the file's name, which stands beside them. */
function withoutName(reason: string, name: string): string {
  return reason.startsWith(`${name}: `) ? reason.slice(name.length + 2) : reason;
}

/** What is unsure in a file and in the files in it, and which of those could not be stored. */
export function fileWarnings({ warnings, children }: Uploaded): string[] {
  const inner = children.flatMap((child) => {
    const name = child.source.split("/").at(-1) ?? "";
    const failed = child.outcome === "failed" ? [withoutName(child.reason, name)] : [];
    return [...failed, ...fileWarnings(child)].map((line) => `${name}: ${line}`);
  });
  return [...warningLines(warnings), ...inner];
}

function outcomeWord(outcome: string): string {
  return told.outcomes[outcome] ?? outcome.replaceAll("_", " ");
}

/** "3 earlier uploads, 1 with failed files" */
export function earlierLine(jobs: Job[], more: boolean): string {
  const failed = jobs.filter((job) => job.failed > 0).length;
  const line = told.earlier(jobs.length, more);
  return failed === 0 ? line : told.withFailed(line, failed);
}
