import { describe, expect, it } from "vitest";
import { readServerEvents } from "./sse";

const STREAM =
  'id: 1\nevent: status\ndata: {"a":"é😀"}\n\n: ping\nid: 2\r\ndata: one\r\ndata: two\r\n\r\nevent:x\rdata:\r\rdata: cut\n';
const EVENTS = [
  { type: "status", data: '{"a":"é😀"}', id: "1" },
  { type: "message", data: "one\ntwo", id: "2" },
  { type: "x", data: "", id: "" },
];

function body(pieces: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe("readServerEvents", () => {
  it("gives the same events however the bytes are cut", async () => {
    const bytes = new TextEncoder().encode(STREAM);
    for (let size = 1; size <= bytes.length; size += 1) {
      const pieces = [];
      for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.slice(at, at + size));
      expect(await collect(readServerEvents(body(pieces)))).toEqual(EVENTS);
    }
  });

  it("cancels the body when the reader leaves early", async () => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode("data: more\n\n")),
      cancel: () => {
        cancelled = true;
      },
    });
    for await (const event of readServerEvents(endless)) {
      expect(event.data).toBe("more");
      break;
    }
    expect(cancelled).toBe(true);
  });

  const parsed = (text: string) => collect(readServerEvents(body([new TextEncoder().encode(text)])));

  it("skips a byte order mark, comments and unknown fields", async () => {
    expect(await parsed("\uFEFFdata: a\n:note\nretry: 5\nfoo\n\n")).toEqual([{ type: "message", data: "a", id: "" }]);
  });

  it("does not carry an event's name over to the next event", async () => {
    const events = await parsed("event: x\ndata: 1\n\ndata: 2\n\n");
    expect(events.map(({ type }) => type)).toEqual(["x", "message"]);
  });

  it("takes off one leading space only", async () => {
    expect((await parsed("data:  two\n\n"))[0]?.data).toBe(" two");
  });

  it("takes the fields of an event in any order", async () => {
    expect(await parsed("event: x\ndata: 1\nid: 1\n\n")).toEqual([{ type: "x", data: "1", id: "1" }]);
  });
});
