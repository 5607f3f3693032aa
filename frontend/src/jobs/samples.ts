/** Jobs and files for tests. */

import type { Job, JobFile } from "../client/types";

export function job(id: string, changes: Partial<Job> = {}): Job {
  return {
    id, kind: "ingest", title: id, status: "succeeded", created_at: "2026-01-01T00:00:00Z", started_at: null,
    finished_at: null, cancelling: false, listing: false, total: 2, ended: 2, done: 2, failed: 0, cancelled: 0,
    outcomes: {}, files_per_second: null, seconds_left: null, ...changes,
  };
}

export function file(number: number, changes: Partial<JobFile> = {}): JobFile {
  return {
    number, name: `${number}.txt`, source: `upload/ana/${number}.txt`, bytes: 1, status: "done", outcome: "added",
    code: "", reason: "", result: null, started_at: null, ended_at: null, ...changes,
  };
}
