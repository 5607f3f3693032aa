import { Problem } from "./problem";
import { readServerEvents, type ServerEvent } from "./sse";
import type { AnswerEvent } from "./types";

/** Events that may have the number of the one before: they are about the connection, and no part of the answer. */
const BESIDES: AnswerEvent["type"][] = ["heartbeat", "error", "done"];

/**
 * The events of one answer, numbered 1, 2, 3 without a gap, up to `done`; those after number `after`.
 * Throws a `Problem` when a number is missing, the stream breaks off before `final`, or the server sends `error`.
 */
export async function* readAnswer(body: ReadableStream<Uint8Array>, after = 0): AsyncGenerator<AnswerEvent> {
  let last = after;
  let complete = false;
  for await (const raw of readServerEvents(body)) {
    const event = parseEvent(raw);
    const beside = event.seq === last && BESIDES.includes(event.type);
    if (event.seq !== last + 1 && !beside) throw lostPart(last + 1, event.seq);
    last = event.seq;
    if (event.type === "error") throw Problem.fromBody(event.problem);
    if (event.type === "done") break;
    complete ||= event.type === "final";
    yield event;
  }
  if (!complete) {
    throw new Problem(
      "The answer broke off",
      "The connection ended before the answer was complete. Ask again.",
      "stream_cut",
    );
  }
}

function parseEvent({ type, data }: ServerEvent): AnswerEvent {
  const fields = parseJson(data) as AnswerEvent | null;
  if (typeof fields?.seq !== "number") {
    throw new Problem(
      "The answer could not be read",
      "The server sent an event without a number. Ask again.",
      "stream_malformed",
    );
  }
  return { ...fields, type } as AnswerEvent;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function lostPart(expected: number, received: number): Problem {
  return new Problem(
    "Part of the answer was lost",
    `Event ${expected} was due and event ${received} came, so the answer may be incomplete. Ask again.`,
    "stream_gap",
  );
}
