/** Server-sent events from a `fetch` body (WHATWG HTML, section 9.2.6), whatever way the bytes are cut. */

export interface ServerEvent {
  type: string;
  data: string;
}

/** Takes text as it arrives and returns the events that it completes. An unfinished last event is dropped. */
export class SseParser {
  private buffer = "";
  private type = "";
  private data: string[] = [];
  private started = false;

  push(text: string): ServerEvent[] {
    this.buffer += text;
    if (!this.started && this.buffer !== "") {
      this.started = true;
      if (this.buffer.startsWith("\uFEFF")) this.buffer = this.buffer.slice(1);
    }
    const events: ServerEvent[] = [];
    for (let line = this.takeLine(); line !== null; line = this.takeLine()) {
      const event = this.readLine(line);
      if (event !== null) events.push(event);
    }
    return events;
  }

  /** The next whole line. A carriage return at the very end waits: its line feed may be in the next piece. */
  private takeLine(): string | null {
    const at = this.buffer.search(/\r\n|\n|\r(?!$)/);
    if (at < 0) return null;
    const line = this.buffer.slice(0, at);
    this.buffer = this.buffer.slice(at + (this.buffer.startsWith("\r\n", at) ? 2 : 1));
    return line;
  }

  private readLine(line: string): ServerEvent | null {
    if (line === "") return this.dispatch();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.type = value;
    if (field === "data") this.data.push(value);
    return null;
  }

  private dispatch(): ServerEvent | null {
    const event = this.data.length > 0 ? { type: this.type || "message", data: this.data.join("\n") } : null;
    this.type = "";
    this.data = [];
    return event;
  }
}

/** The events of a body as they arrive. Ends with the body; leaving the loop early cancels it. */
export async function* readServerEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const parser = new SseParser();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      yield* parser.push(decoder.decode(read.value, { stream: true }));
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
