import { afterEach, expect, test, vi } from "vitest";
import { Api } from "./api";
import { documents } from "./documents";

afterEach(() => vi.unstubAllGlobals());

function answering(response: Response) {
  const fetched = vi.fn(async (_path: string, _init: RequestInit) => response);
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

test("restores a document by its id", async () => {
  const fetched = answering(new Response(null, { status: 204 }));
  await documents.restore(new Api(), "a/b");
  const [path, init] = fetched.mock.calls[0] ?? [];
  expect([path, init?.method]).toEqual(["/v1/documents/a%2Fb/restore", "POST"]);
});

test("asks for deleted documents apart from the others", async () => {
  const fetched = answering(Response.json({ documents: [], recycle_days: 30 }));
  expect(await documents.deleted(new Api())).toEqual({ documents: [], recycle_days: 30 });
  expect(fetched.mock.calls[0]?.[0]).toBe("/v1/documents?deleted=true");
});

test("gives back the sentence that says who may change a document", async () => {
  const body = { title: "Not allowed", status: 403, detail: "You may read this document but not change it.", code: "not_allowed" };
  answering(new Response(JSON.stringify(body), { status: 403, headers: { "content-type": "application/problem+json" } }));
  await expect(documents.remove(new Api(), "x")).rejects.toMatchObject({ detail: body.detail, code: "not_allowed" });
});

test("goes on with a job's events where they broke off", async () => {
  const fetched = answering(new Response("event: done\ndata: {}\n\n"));
  for await (const _ of new Api().jobEvents("j", "3-1", new AbortController().signal)) break;
  const [path, init] = fetched.mock.calls[0] ?? [];
  expect([path, new Headers(init?.headers).get("Last-Event-ID")]).toEqual(["/v1/jobs/j/events", "3-1"]);
});

test("asks for the jobs before those that it has", async () => {
  const fetched = answering(Response.json({ jobs: [], next: null }));
  await new Api().jobs(10, 31);
  expect(fetched.mock.calls[0]?.[0]).toBe("/v1/jobs?limit=10&before=31");
});

test("asks for a page of the list as it is narrowed and sorted", async () => {
  const fetched = answering(Response.json({ documents: [], recycle_days: 30, total: 0, next: null }));
  await documents.page(new Api(), { q: "lease", sort: "date", order: "desc", kind: "pdf", label: "", warnings: "" }, { skip: 500, limit: 200 });
  expect(fetched.mock.calls[0]?.[0]).toBe("/v1/documents?q=lease&sort=date&order=desc&kind=pdf&skip=500&limit=200");
});
