/** Server-sent events from a `fetch` body (WHATWG HTML, section 9.2.6), whatever way the bytes are cut. */

import { createParser } from "eventsource-parser";

export interface ServerEvent {
  type: string;
  data: string;
  /** "" where the event has none. */
  id: string;
}

/** The events of a body as they arrive. Ends with the body, without an unfinished last event; leaving the loop early
 * cancels the body. */
export async function* readServerEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const arrived: ServerEvent[] = [];
  const parser = createParser({
    onEvent: ({ event = "message", data, id = "" }) => arrived.push({ type: event, data, id }),
  });
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      parser.feed(decoder.decode(read.value, { stream: true }));
      yield* arrived.splice(0);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
