import { expect, it } from "vitest";
import { Problem } from "./problem";

it("reads problem+json", async () => {
  const response = new Response('{"title":"Empty","detail":"Choose another.","status":422,"code":"empty_file"}', {
    status: 422,
    headers: { "content-type": "application/problem+json" },
  });
  expect(await Problem.fromResponse(response)).toMatchObject({
    title: "Empty",
    detail: "Choose another.",
    code: "empty_file",
    status: 422,
  });
});

it("words an error page of a proxy itself", async () => {
  const response = new Response("<h1>Bad gateway</h1>", { status: 502, headers: { "content-type": "text/html" } });
  expect(await Problem.fromResponse(response)).toMatchObject({ code: "http_error", status: 502 });
});

it("survives a body that is not the JSON it claims to be", async () => {
  const response = new Response("oops", { status: 500, headers: { "content-type": "application/json" } });
  expect(await Problem.fromResponse(response)).toMatchObject({ code: "http_error", status: 500 });
});

it("takes a failed fetch for an unreachable server", () => {
  expect(Problem.from(new TypeError("Failed to fetch")).code).toBe("unreachable");
});

it("reads after how many seconds it may be tried again", async () => {
  const busy = (wait: string) => Problem.fromResponse(new Response("", { status: 503, headers: { "retry-after": wait } }));
  expect((await busy("7")).retryAfter).toBe(7);
  expect((await busy(new Date(Date.now() + 60_000).toUTCString())).retryAfter).toBeGreaterThan(57);
  expect((await busy("soon")).retryAfter).toBeNull();
});
