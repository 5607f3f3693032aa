import { readAnswer } from "./answerStream";
import { readJob } from "./jobStream";
import { Problem } from "./problem";
import { type Sends, sendingWith } from "./sending";
import type {
  AnswerEvent,
  CaseOutcome,
  CaseResultList,
  CaseSides,
  Chosen,
  Decision,
  EvaluationList,
  EvaluationReport,
  FileStatus,
  JobDetail,
  JobEvent,
  JobList,
  Me,
  ReleaseDetail,
  ReleaseList,
  Session,
  SignIn,
  Wishes,
} from "./types";

/** A request that is watched while it goes out, and may be stopped. */
interface Watched {
  onSent: (bytes: number) => void;
  signal: AbortSignal;
}

/** The one way to the server: every call is same-origin, carries the cookie of the session, and fails with a `Problem`. */
export class Api {
  /** `onUnauthorized` is called when a request is refused with 401. */
  constructor(private readonly onUnauthorized: () => void = () => undefined) {}

  async session(): Promise<Session> {
    return this.json("/v1/session");
  }

  async signIn(who: SignIn): Promise<Me> {
    return this.json("/v1/session", jsonBody(who));
  }

  async signOut(): Promise<void> {
    await this.send("/v1/session", { method: "DELETE" });
  }

  async *ask(question: string, signal: AbortSignal): AsyncGenerator<AnswerEvent> {
    const response = await this.send("/v1/query", { ...jsonBody({ question, stream: true }), signal });
    if (response.body === null) throw new Problem("The answer is empty", "Ask again.", "stream_cut");
    yield* readAnswer(response.body);
  }

  /**
   * Hands in files as one job; under the same `key` again it is the same job. `onSent` is told how many bytes of the
   * request have gone out.
   */
  async handIn(files: Chosen[], wishes: Wishes, key: string, sent: Watched): Promise<string> {
    const body = new FormData();
    for (const { file, path } of files) body.append("files", file, path);
    for (const one of wishes.allow) body.append("allow", one);
    for (const name of ["date", "chunking", "language"] as const) {
      if (wishes[name] !== "") body.append(name, wishes[name]);
    }
    const init = { method: "POST", body, signal: sent.signal, headers: { "Idempotency-Key": key } };
    const accepted = await this.send("/v1/jobs", init, sendingWith(sent.onSent));
    return ((await accepted.json()) as { id: string }).id;
  }

  /** The caller's jobs, newest first; `before`: `next` of the page before. */
  async jobs(limit: number, before: number | null = null): Promise<JobList> {
    return this.json(`/v1/jobs?limit=${limit}${before === null ? "" : `&before=${before}`}`);
  }

  /** How a job stands, with those of its files that are numbered higher than `after`. */
  async job(id: string, after: number, limit: number, status: FileStatus | null): Promise<JobDetail> {
    return this.json(`${jobOf(id)}?after=${after}&limit=${limit}${status === null ? "" : `&status=${status}`}`);
  }

  /** What changes in a job from `place` on, "": all of it. */
  async *jobEvents(id: string, place: string, signal: AbortSignal): AsyncGenerator<JobEvent> {
    const headers = new Headers(place === "" ? [] : [["Last-Event-ID", place]]);
    const response = await this.send(`${jobOf(id)}/events`, { headers, signal });
    if (response.body !== null) yield* readJob(response.body);
  }

  async cancelJob(id: string): Promise<void> {
    await this.send(`${jobOf(id)}/cancel`, { method: "POST" });
  }

  /** Does again what failed or was cancelled. */
  async retryJob(id: string): Promise<void> {
    await this.send(`${jobOf(id)}/retry`, { method: "POST" });
  }

  /** Nights, newest first; `after`: the `next` of the page before, or "". */
  async evaluations(limit: number, after: string): Promise<EvaluationList> {
    return this.json(`/v1/evaluations?${given({ limit: String(limit), after })}`);
  }

  /** `against` "": the last finished one before it. */
  async evaluation(run: string, against: string): Promise<EvaluationReport> {
    return this.json(`${runOf(run)}?${given({ against })}`);
  }

  async evaluationCases(run: string, outcome: CaseOutcome, after: string): Promise<CaseResultList> {
    return this.json(`${runOf(run)}/cases?${given({ outcome, after })}`);
  }

  async evaluationCase(run: string, suite: string, id: string, against: string): Promise<CaseSides> {
    const place = `${encodeURIComponent(suite)}/${encodeURIComponent(id)}`;
    return this.json(`${runOf(run)}/cases/${place}?${given({ against })}`);
  }

  /** The newest decisions in which the run was weighed. */
  async decisions(run: string): Promise<{ decisions: Decision[] }> {
    return this.json(`/v1/evaluations/decisions?${given({ run, limit: "5" })}`);
  }

  async releases(): Promise<ReleaseList> {
    return this.json("/v1/releases");
  }

  async release(name: string): Promise<ReleaseDetail> {
    return this.json(`/v1/releases/${encodeURIComponent(name)}`);
  }

  /** What the server answers, as JSON. */
  async json<T>(path: string, init?: RequestInit): Promise<T> {
    return (await (await this.send(path, init)).json()) as T;
  }

  async send(path: string, init: RequestInit = {}, sends: Sends = fetch): Promise<Response> {
    const response = await sends(path, { ...init, credentials: "same-origin", cache: "no-store" });
    if (response.ok) return response;
    if (response.status === 401) this.onUnauthorized();
    throw await Problem.fromResponse(response);
  }
}

function jobOf(id: string): string {
  return `/v1/jobs/${encodeURIComponent(id)}`;
}

function runOf(id: string): string {
  return `/v1/evaluations/${encodeURIComponent(id)}`;
}

/** A query of what is not "". */
export function given(values: Record<string, string>): URLSearchParams {
  return new URLSearchParams(Object.entries(values).filter(([, value]) => value !== ""));
}

export function jsonBody(value: object): RequestInit {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) };
}
