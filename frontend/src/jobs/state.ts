import type { Job, JobDetail, JobEvent, JobFile, JobStatus } from "../client/types";

/**
 * A job as the page knows it. `place`: where its events go on; `files`: by number, as far as told; `live`: it went on, or
 * was handed in, while the page was open.
 */
export interface Known {
  job: Job;
  live: boolean;
  place: string;
  files: ReadonlyMap<number, JobFile>;
}

/** Jobs, newest first; `loaded`: they have been read once; `next`: where older ones begin, null at the end. */
export interface JobsState {
  jobs: Known[];
  loaded: boolean;
  next: number | null;
}

export type JobsAction =
  | { type: "listed"; jobs: Job[]; next: number | null }
  | { type: "older"; jobs: Job[]; next: number | null }
  | { type: "told"; id: string; event: JobEvent }
  | { type: "read"; detail: JobDetail }
  | { type: "gone"; id: string };

export const NO_JOBS: JobsState = { jobs: [], loaded: false, next: null };

/** Of jobs with more files than this, those that went well are not kept. */
const KEPT_FILES = 2000;

export function reduceJobs(state: JobsState, action: JobsAction): JobsState {
  switch (action.type) {
    case "listed":
      return listed(state, action.jobs, action.next);
    case "older": {
      const there = new Set(state.jobs.map(({ job }) => job.id));
      const more = action.jobs.filter(({ id }) => !there.has(id)).map((job) => fresh(job, false));
      return { ...state, jobs: [...state.jobs, ...more], next: action.next };
    }
    case "told":
      return changed(state, action.id, (known) => told(known, action.event));
    case "read":
      return changed(state, action.detail.id, (known) => read(known, action.detail));
    case "gone":
      return { ...state, jobs: state.jobs.filter(({ job }) => job.id !== action.id) };
  }
}

/** The newest jobs, read again; older ones that were shown stay. */
function listed(state: JobsState, jobs: Job[], next: number | null): JobsState {
  const before = new Map(state.jobs.map((known) => [known.job.id, known]));
  const newest = jobs.map((job) => {
    const known = before.get(job.id);
    return known === undefined ? fresh(job, state.loaded) : stands(known, measured(known.job, job));
  });
  const ids = new Set(jobs.map(({ id }) => id));
  const last = state.jobs.findLastIndex(({ job }) => ids.has(job.id));
  const older = last === -1 ? [] : state.jobs.slice(last + 1);
  return { jobs: [...newest, ...older], loaded: true, next: older.length === 0 ? next : state.next };
}

function fresh(job: Job, live: boolean): Known {
  return { job, live: live || !isOver(job), place: "", files: new Map() };
}

/** A list does not tell how fast it goes: what was known of that holds on. */
function measured(before: Job, job: Job): Job {
  const { files_per_second, seconds_left } = before;
  return { ...job, files_per_second, seconds_left };
}

function stands(known: Known, job: Job): Known {
  return { ...known, job, live: known.live || !isOver(job) };
}

function changed(state: JobsState, id: string, change: (known: Known) => Known): JobsState {
  return { ...state, jobs: state.jobs.map((known) => (known.job.id === id ? change(known) : known)) };
}

function told(known: Known, event: JobEvent): Known {
  if (event.type === "job") return { ...stands(known, event.job), place: event.place };
  const files = new Map(known.files);
  const { file } = event;
  if (known.job.total > KEPT_FILES && file.status === "done" && file.result?.warnings.length === 0) files.delete(file.number);
  else files.set(file.number, file);
  return { ...known, files, place: event.place };
}

/** What was asked for is older than what the events of a job that goes on have told. */
function read(known: Known, { files: found, next: _, ...job }: JobDetail): Known {
  const read = found.map((file) => [file.number, file] as const);
  if (isOver(known.job)) return { ...stands(known, job), files: new Map([...known.files, ...read]) };
  return { ...known, files: new Map([...read, ...known.files]) };
}

export function isOver({ status }: { status: JobStatus }): boolean {
  return status !== "queued" && status !== "running";
}

/** By number, those first that need a look: failed, then with warnings. */
export function inOrder(files: Iterable<JobFile>): JobFile[] {
  const rank = (file: JobFile) => (file.status === "failed" ? 0 : needsLook(file) ? 1 : 2);
  return [...files].sort((a, b) => rank(a) - rank(b) || a.number - b.number);
}

function needsLook({ result }: JobFile): boolean {
  return result !== null && (result.warnings.length > 0 || result.children.some(({ outcome }) => outcome === "failed"));
}
