import { describe, expect, it } from "vitest";
import { readAnswer } from "./answerStream";

function body(...events: [type: string, data: object | string][]): ReadableStream<Uint8Array> {
  const text = events.map(
    ([type, data]) => `event: ${type}\ndata: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`,
  );
  return new Blob(text).stream() as ReadableStream<Uint8Array>;
}

async function types(stream: ReadableStream<Uint8Array>): Promise<string[]> {
  const seen: string[] = [];
  for await (const event of readAnswer(stream)) seen.push(event.type);
  return seen;
}

describe("readAnswer", () => {
  it("yields what comes before done", async () => {
    const stream = body(["status", { seq: 1 }], ["heartbeat", { seq: 2 }], ["final", { seq: 3 }], ["done", { seq: 4 }]);
    expect(await types(stream)).toEqual(["status", "heartbeat", "final"]);
  });

  it("reports a gap in the sequence", async () => {
    const stream = body(["status", { seq: 1 }], ["final", { seq: 3 }], ["done", { seq: 4 }]);
    await expect(types(stream)).rejects.toMatchObject({
      code: "stream_gap",
      detail: expect.stringContaining("Event 2"),
    });
  });

  it("reports a repeated number", async () => {
    await expect(types(body(["status", { seq: 1 }], ["status", { seq: 1 }]))).rejects.toMatchObject({
      code: "stream_gap",
    });
  });

  it("goes on after the event that was the last, with heartbeats that have its number", async () => {
    const seen: string[] = [];
    const stream = body(["heartbeat", { seq: 4 }], ["sentence", { seq: 5 }], ["final", { seq: 6 }], ["done", { seq: 6 }]);
    for await (const event of readAnswer(stream, 4)) seen.push(event.type);
    expect(seen).toEqual(["heartbeat", "sentence", "final"]);
    await expect(types(body(["sentence", { seq: 5 }]))).rejects.toMatchObject({ code: "stream_gap" });
  });

  it("reports a stream that ends before the final answer", async () => {
    await expect(types(body(["status", { seq: 1 }]))).rejects.toMatchObject({ code: "stream_cut" });
    await expect(types(body(["done", { seq: 1 }]))).rejects.toMatchObject({ code: "stream_cut" });
  });

  it("throws the server's problem", async () => {
    const problem = { title: "Busy", detail: "Wait.", status: 503, code: "overloaded" };
    await expect(types(body(["error", { seq: 1, problem }]))).rejects.toMatchObject(problem);
  });

  it.each(["{", "null", "[]", '{"seq":"1"}'])("reports %s as data", async (data) => {
    await expect(types(body(["status", data]))).rejects.toMatchObject({ code: "stream_malformed" });
  });
});
