import { describe, expect, it } from "vitest";
import type { Job, JobFile } from "../client/types";
import { file, job } from "./samples";
import { inOrder, type JobsState, NO_JOBS, reduceJobs } from "./state";

const running = (id: string, changes: Partial<Job> = {}) => job(id, { status: "running", ended: 0, done: 0, ...changes });
const listed = (state: JobsState, jobs: Job[], next: number | null = null) =>
  reduceJobs(state, { type: "listed", jobs, next });
const ids = (state: JobsState) => state.jobs.map((known) => known.job.id);
const live = (state: JobsState) => state.jobs.filter((known) => known.live).map((known) => known.job.id);

describe("reduceJobs", () => {
  it("takes for live what goes on, went on, or was handed in since", () => {
    const first = listed(NO_JOBS, [running("b"), job("a")]);
    expect(live(first)).toEqual(["b"]);
    expect(live(listed(first, [job("c"), job("b"), job("a")]))).toEqual(["c", "b"]);
  });

  it("keeps older jobs that were shown, and where the next begin", () => {
    const older = reduceJobs(listed(NO_JOBS, [job("c"), job("b")], 2), { type: "older", jobs: [job("b"), job("a")], next: 1 });
    expect(ids(older)).toEqual(["c", "b", "a"]);
    const again = listed(older, [job("d"), job("c")], 3);
    expect([ids(again), again.next]).toEqual([["d", "c", "b", "a"], 1]);
  });

  it("goes on with files and place where a job is read again", () => {
    let state = listed(NO_JOBS, [running("a")]);
    state = reduceJobs(state, { type: "told", id: "a", event: { type: "file", place: "3-1", file: file(1) } });
    state = reduceJobs(state, { type: "told", id: "a", event: { type: "job", place: "3-1", job: running("a", { ended: 1 }) } });
    const [known] = listed(state, [running("a", { ended: 1 })]).jobs;
    expect([known?.place, known?.files.size, known?.job.ended]).toEqual(["3-1", 1, 1]);
  });

  it("believes events more than what was asked for, until the job is over", () => {
    const told = { type: "told", id: "a", event: { type: "file", place: "3-1", file: file(1) } } as const;
    const files = [file(1, { status: "running" }), file(2)];
    const read = { type: "read" as const, detail: { ...job("a", { outcomes: { added: 2 } }), files, next: null } };
    const statuses = (state: JobsState) => [...(state.jobs[0]?.files.values() ?? [])].map(({ status }) => status);
    expect(statuses(reduceJobs(reduceJobs(listed(NO_JOBS, [running("a")]), told), read))).toEqual(["done", "done"]);
    expect(statuses(reduceJobs(reduceJobs(listed(NO_JOBS, [job("a")]), told), read))).toEqual(["running", "done"]);
  });

  it("keeps the pace, which a list does not tell, and takes the outcomes of the list", () => {
    const event = (changes: Partial<Job>) =>
      ({ type: "told", id: "a", event: { type: "job", place: "1-1", job: running("a", changes) } }) as const;
    const told = event({ ended: 1, outcomes: { added: 1 }, files_per_second: 3, seconds_left: 9 });
    const state = reduceJobs(listed(NO_JOBS, [running("a")]), told);
    const same = listed(state, [running("a", { ended: 2, outcomes: { unchanged: 2 } })]).jobs[0]?.job;
    expect([same?.outcomes, same?.files_per_second, same?.seconds_left]).toEqual([{ unchanged: 2 }, 3, 9]);
  });

  it("forgets a job that is gone", () => {
    expect(ids(reduceJobs(listed(NO_JOBS, [job("b"), job("a")]), { type: "gone", id: "b" }))).toEqual(["a"]);
  });
});

it("puts first what needs a look", () => {
  const result = { ...({} as NonNullable<JobFile["result"]>), warnings: [{ kind: "redline", page: null, words: "x", start: null, end: null }], children: [] };
  const files = [file(1), file(4, { status: "failed" }), file(2, { result: result as never }), file(3, { status: "failed" })];
  expect(inOrder(files).map(({ number }) => number)).toEqual([3, 4, 2, 1]);
});
