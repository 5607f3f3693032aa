// @vitest-environment happy-dom
import { act, cleanup, configure, renderHook, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readDraft, writeDraft } from "../chat/drafts";
import { NO_FILTER } from "../filter/filter";
import { useSession } from "./useSession";

configure({ asyncUtilTimeout: 10_000 }); // a busy machine is slow
vi.setConfig({ testTimeout: 30_000 });

const DRAFT = { text: "Half a question", filter: { ...NO_FILTER, asOf: "2025-03-01" } };
const me = (user: string) => ({ user, groups: [], scopes: ["read"] });
let now: string | null;

beforeEach(() => {
  now = null;
  sessionStorage.clear();
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    if (path !== "/v1/session") return new Response("{}", { status: now === null ? 401 : 200 });
    if (init.method === "DELETE") now = null;
    if (init.method === "POST") now = (JSON.parse(String(init.body)) as { user: string }).user;
    const told = { demo: true, people: [], organisation: false, me: now === null ? null : me(now), strictness: { offered: ["usual"], default: "usual" } };
    return new Response(JSON.stringify(init.method === "POST" ? me(now ?? "") : told));
  });
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

async function signedIn(user: string) {
  const { result } = renderHook(useSession);
  await waitFor(() => expect(result.current.session).not.toBeNull());
  await act(() => result.current.signInAs(user));
  expect(result.current.me?.user).toBe(user);
  return result;
}

/** As an answer does that comes after the session has ended. */
async function expired({ current }: { current: ReturnType<typeof useSession> }) {
  now = null;
  await act(async () => void (await current.api.send("/v1/running").catch(() => undefined)));
}

test("a draft waits for the same person where the session ended by itself", async () => {
  const page = await signedIn("ana");
  expect(sessionStorage.length).toBe(0); // until there is something to keep
  writeDraft("c", DRAFT);
  await expired(page);
  expect(page.current.me).toBeNull();
  expect(page.current.problem?.code).toBe("session_ended");
  await act(() => page.current.signInAs("ana"));
  expect(readDraft("c")).toEqual(DRAFT);
});

test("nobody else gets it, also after a reload", async () => {
  const page = await signedIn("ana");
  writeDraft("c", DRAFT);
  await expired(page);
  await act(() => page.current.signInAs("ben"));
  expect(readDraft("c").text).toBe("");
  writeDraft("c", DRAFT);
  cleanup();
  now = "ana";
  const { result } = renderHook(useSession);
  await waitFor(() => expect(result.current.me?.user).toBe("ana"));
  expect(readDraft("c").text).toBe("");
});

test("who signs out leaves nothing behind, in the other tabs neither", async () => {
  const page = await signedIn("ana");
  const { result: other } = renderHook(useSession);
  await waitFor(() => expect(other.current.me?.user).toBe("ana"));
  writeDraft("c", DRAFT);
  sessionStorage.setItem("footnote.source.mode", "text");
  history.replaceState(null, "", "#/c/0b0e7e6a-1f7b-4a52-9a39-0d1f3a0c1234");
  act(() => page.current.signOut());
  await waitFor(() => expect(page.current.me).toBeNull());
  await waitFor(() => expect(other.current.me).toBeNull());
  expect(page.current.problem).toBeNull();
  expect([{ ...sessionStorage }, { ...localStorage }]).toEqual([{}, {}]);
  expect(location.hash).toBe("");
});
