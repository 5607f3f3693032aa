import { Problem } from "./problem";
import { readServerEvents } from "./sse";
import type { Job, JobEvent, JobFile, ProblemBody } from "./types";

/**
 * The events of one job up to `done`, or for as long as the connection holds: whether the job has ended is said by the
 * job itself. Throws the `Problem` that the server sends as `error`.
 */
export async function* readJob(body: ReadableStream<Uint8Array>): AsyncGenerator<JobEvent> {
  for await (const { type, data, id } of readServerEvents(body)) {
    if (type === "done") return;
    if (type === "error") throw Problem.fromBody(JSON.parse(data) as ProblemBody);
    if (type === "job") yield { type, place: id, job: JSON.parse(data) as Job };
    if (type === "file") yield { type, place: id, file: JSON.parse(data) as JobFile };
  }
}
