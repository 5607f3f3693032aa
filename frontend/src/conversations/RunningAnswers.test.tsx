// @vitest-environment happy-dom
import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { cleanup, configure, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { SignedContext } from "../app/context";
import { newQueryClient } from "../app/queries";
import type { Thread } from "../chat/threads";
import { newTurn } from "../chat/turns";
import { ChatContext, type ChatState } from "../chat/useChat";
import { Api } from "../client/api";
import type { RunningAnswer } from "../client/conversations";
import { RunningAnswers } from "./RunningAnswers";

configure({ asyncUtilTimeout: 10_000 }); // a busy machine is slow
vi.setConfig({ testTimeout: 30_000 });
afterEach(cleanup);

const ID = "0b0e7e6a-1f7b-4a52-9a39-0d1f3a0c1234";
const told = (id: string, change: Partial<RunningAnswer> = {}): RunningAnswer => ({
  id, question: `${id}?`, conversation: "new", turn: null, state: "running", stage: "waiting", place: 2, started_at: "", seconds: 75, ...change,
});

/** Of this page: one that the server tells of as well, and one that it does not. */
const HERE: Thread[] = [
  { key: "new-1", id: null, turns: [{ ...newTurn({ id: 1, question: "Here?", running: "r1" }), stage: "writing", passages: 4 }] },
  { key: "c9", id: "c9", turns: [{ ...newTurn({ id: 2, question: "Done?" }), phase: "done" }] },
];

function shown(threads: Thread[], answers: RunningAnswer[] | null) {
  const called: string[] = [];
  const api = new Api();
  let now = answers;
  api.json = async () => {
    if (now === null) throw Object.assign(new Error("none"), { status: 404 });
    return { running: now } as never;
  };
  api.send = async (path, init) => {
    called.push(`${init?.method} ${path}`);
    now = now?.filter(({ id }) => !path.endsWith(id)) ?? null;
    return new Response();
  };
  const chat = {
    threads,
    choose: (key: string | null) => called.push(`choose ${key}`),
    stop: (thread: string, turn: { question: string }) => called.push(`stop ${thread} ${turn.question}`),
  } as unknown as ChatState;
  const router = createRouter({ routeTree: createRootRoute({ component: RunningAnswers, notFoundComponent: RunningAnswers }), history: createMemoryHistory({ initialEntries: ["/"] }) });
  const me = { user: "ana", groups: [], scopes: [] } as never;
  render(
    <SignedContext value={{ api, me, session: { people: [] } as never, signOut: () => undefined }}>
      <QueryClientProvider client={newQueryClient()}>
        <ChatContext value={chat}>
          <RouterProvider router={router as never} />
        </ChatContext>
      </QueryClientProvider>
    </SignedContext>,
  );
  return { called, router };
}

const rows = () => within(screen.getByRole("dialog")).getAllByRole("listitem");
const texts = () => rows().map((row) => row.textContent);

test("each answer under way stands once, the oldest first, with its stage, its place in line and its time", async () => {
  shown(HERE, [told("r1", { stage: "searching" }), told("r2"), told("r3", { state: "done" })]);
  fireEvent.click(await screen.findByRole("button", { name: "2 answers under way" }));
  await screen.findByRole("dialog", { name: "Answers under way" });
  expect(texts()).toEqual([
    "r2?You are number 2 in line… 1 min 15 sStop",
    expect.stringMatching(/^Here\?Writing from 4 passages and checking each sentence… \d+ sStop$/),
  ]);
});

test("one is opened where it is: in its conversation, in its thread, or by its own address", async () => {
  const { called, router } = shown(HERE, [told("r2"), told("r4", { conversation: ID, seconds: 100 })]);
  const open = async (question: string) => {
    fireEvent.click(await screen.findByRole("button", { name: /answers under way/ }));
    fireEvent.click(await screen.findByRole("button", { name: question }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  };
  await open("r4?");
  expect(router.state.location.href).toBe(`/c/${ID}`);
  await open("Here?");
  expect([called, router.state.location.href]).toEqual([["choose new-1"], "/?running=r1"]);
  await open("r2?");
  expect([called, router.state.location.href]).toEqual([["choose new-1"], "/?running=r2"]);
});

test("one is stopped where it runs: in this page, or at the server alone", async () => {
  const { called } = shown(HERE, [told("r2")]);
  fireEvent.click(await screen.findByRole("button", { name: "2 answers under way" }));
  await screen.findByRole("dialog");
  const [elsewhere] = rows();
  for (const row of rows()) fireEvent.click(within(row).getByRole("button", { name: "Stop" }));
  await within(elsewhere as HTMLElement).findByRole("button", { name: "Stopping…" });
  await waitFor(() => expect(texts()).toHaveLength(1)); // looked at again as soon as it was stopped
  expect(called.sort()).toEqual(["DELETE /v1/running/r2", "stop new-1 Here?"]);
});

test("there is nothing while none is under way, also where the service keeps none", async () => {
  shown(HERE.slice(1), [told("r3", { state: "done" })]);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(screen.queryByRole("button")).toBeNull();
  cleanup();
  shown(HERE, null);
  await screen.findByRole("button", { name: "1 answer under way" });
});
