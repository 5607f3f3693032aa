import type { Job, JobFile, JobStatus, Uploaded } from "../client/types";
import { languageName } from "../documents/language";
import { countFiles } from "../documents/chosen";
import { coverageLine, warningLines } from "../documents/reading";
import { isOver } from "./state";

const STATUS: Record<JobStatus, string> = {
  queued: "Waiting",
  running: "Under way",
  succeeded: "Done",
  partial: "Done in part",
  failed: "Failed",
  cancelled: "Cancelled",
};

const OUTCOMES: Record<string, string> = {
  added: "added",
  replaced: "updated",
  unchanged: "already there",
  relabelled: "given new readers",
  rechunked: "cut anew",
  failed: "failed",
};

export function statusWord(job: Job): string {
  if (job.cancelling) return "Stopping";
  if (job.listing && !isOver(job)) return "Looking for files";
  return STATUS[job.status];
}

/** How far it is and how fast it goes; once it is over, what became of its files. */
export function progressLine(job: Job): string {
  if (isOver(job)) return outcomesLine(job);
  const parts = [
    job.total === 0 ? "" : `${count(job.ended)} of ${countFiles(job.total)}`,
    job.failed === 0 ? "" : `${count(job.failed)} failed`,
    job.files_per_second === null ? "" : paceWords(job.files_per_second),
    job.seconds_left === null ? "" : timeLeft(job.seconds_left),
  ];
  return parts.filter(Boolean).join(" · ");
}

function outcomesLine({ outcomes, done, failed, cancelled }: Job): string {
  const told = Object.entries(outcomes).filter(([outcome]) => outcome !== "failed");
  const kinds = told.map(([outcome, files]) => `${count(files)} ${OUTCOMES[outcome] ?? outcome.replaceAll("_", " ")}`);
  const parts = [
    ...(kinds.length > 0 || done === 0 ? kinds : [`${count(done)} done`]),
    failed === 0 ? "" : `${count(failed)} failed`,
    cancelled === 0 ? "" : `${count(cancelled)} not begun`,
  ];
  return parts.filter(Boolean).join(", ");
}

/** What a screen reader is told while it goes on: when it begins, at each quarter, and at the end. */
export function announcement(job: Job): string {
  const quarter = Math.floor((4 * job.ended) / Math.max(job.total, 1));
  if (isOver(job)) return `${job.title}: ${statusWord(job)}. ${outcomesLine(job)}.`;
  const far = quarter === 0 || job.listing ? "" : `, ${25 * quarter}%`;
  return `${job.title}: ${statusWord(job)}${far}.`;
}

export function paceWords(perSecond: number): string {
  if (perSecond >= 1) return `${perSecond.toFixed(1)} files a second`;
  const perMinute = perSecond * 60;
  return perMinute >= 1.5 ? `${Math.round(perMinute)} files a minute` : "under 2 files a minute";
}

export function timeLeft(seconds: number): string {
  if (seconds < 10) return "a few seconds left";
  if (seconds < 55) return `about ${Math.ceil(seconds / 5) * 5} seconds left`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return minutes <= 1 ? "about a minute left" : `about ${minutes} minutes left`;
  return `about ${Math.round(minutes / 60)} hours left`;
}

/** A file by the path under which it was handed in. */
export function pathOf({ source, name }: JobFile): string {
  return /^upload\/[^/]+\/(.+)$/.exec(source)?.[1] ?? (source || name);
}

const FILE_STATUS: Record<JobFile["status"], string> = {
  queued: "waiting",
  running: "being read",
  done: "done",
  failed: "failed",
  cancelled: "not begun",
};

/** "added: version 1, 3 pages, German, 14 passages" */
export function fileLine({ name, status, reason, result }: JobFile): string {
  if (status === "failed") return `failed: ${withoutName(reason, name)}`;
  if (status !== "done" || result === null) return FILE_STATUS[status];
  const { outcome, version, pages, coverage, language, chunks, children } = result;
  const parts = [
    version === 0 ? "" : `version ${version}`,
    coverageLine(coverage, pages),
    languageName(language),
    outcome === "unchanged" ? "" : `${chunks} ${chunks === 1 ? "passage" : "passages"}`,
    children.length === 0 ? "" : `${countFiles(children.length)} in it`,
  ];
  return `${OUTCOMES[outcome] ?? outcome.replaceAll("_", " ")}: ${parts.filter(Boolean).join(", ")}`;
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

function count(files: number): string {
  return files.toLocaleString("en-GB");
}

/** What is folded away: "3 earlier uploads, 1 with failed files" */
export function earlierLine(jobs: Job[], more: boolean): string {
  const failed = jobs.filter((job) => job.failed > 0).length;
  const told = `${count(jobs.length)}${more ? " or more" : ""} earlier ${jobs.length === 1 && !more ? "upload" : "uploads"}`;
  return failed === 0 ? told : `${told}, ${count(failed)} with failed files`;
}
