import { expect, test } from "vitest";
import { readJob } from "./jobStream";

function body(text: string): ReadableStream<Uint8Array> {
  return new Blob([text]).stream();
}

async function collect(text: string) {
  const all = [];
  for await (const event of readJob(body(text))) all.push(event);
  return all;
}

const FILE = 'id: 3-1\nevent: file\ndata: {"number":1,"status":"done"}\n\n';

test("gives jobs and files with the place from which to go on, and nothing after the end", async () => {
  const told = await collect(
    `${FILE}event: heartbeat\ndata: {}\n\nid: 3-1\nevent: job\ndata: {"id":"j","ended":1}\n\nevent: done\ndata: {}\n\n${FILE}`,
  );
  expect(told).toEqual([
    { type: "file", place: "3-1", file: { number: 1, status: "done" } },
    { type: "job", place: "3-1", job: { id: "j", ended: 1 } },
  ]);
});

test("ends quietly where the connection ends", async () => {
  expect(await collect(`${FILE}id: 4-2\nevent: fi`)).toHaveLength(1);
});

test("throws the problem that the server tells", async () => {
  const problem = '{"title":"No such job","status":404,"detail":"It was purged.","code":"job_missing"}';
  await expect(collect(`event: error\ndata: ${problem}\n\n`)).rejects.toMatchObject({ code: "job_missing", status: 404 });
});
