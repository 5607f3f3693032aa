// @vitest-environment happy-dom
import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRoute, createRouter, Outlet, RouterProvider } from "@tanstack/react-router";
import { act, cleanup, configure, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SignedContext, useSigned } from "../app/context";
import { newQueryClient } from "../app/queries";
import { SourceProvider } from "../app/source";
import { Api } from "../client/api";
import { Problem } from "../client/problem";
import { readDraft, writeDraft } from "./drafts";
import { NO_FILTER } from "../filter/filter";
import { Chat } from "./Chat";
import { ChatContext, useChat } from "./useChat";

configure({ asyncUtilTimeout: 10_000 }); // a busy machine is slow
vi.setConfig({ testTimeout: 30_000 });

const ID = "0b0e7e6a-1f7b-4a52-9a39-0d1f3a0c1234";
const RENT = "What is the rent?";
const SAID = "The rent is 500 euros.";

/** What the server knows, and what it was asked. */
interface Server {
  history: object[];
  running: object[];
  /** What each question is answered with, in this order: events, or where the connection is held open. */
  replies: ((send: (type: string, data?: object) => void, end: () => void) => void)[];
  asked: Record<string, unknown>[];
}
let server: Server;

const answerOf = (number: number, text = SAID) => ({
  answer: text, status: "answered", sentences: [{ text, start: 0, end: text.length, verdict: "entailed", support: 1, citations: [], note: "", part: 0, cautions: [] }],
  citations: [], audit_id: `a${number}`, withheld: 0, abstention: null, why: "", explanation: "", parts: [], assumed: [], cautions: [],
  left_aside: [], follow_up: null, conversation: { id: ID, number }, strictness: "usual", usage: { prompt_tokens: 1, completion_tokens: 1 }, timings_ms: {}, model: {},
});

const keptTurn = (number: number, question: string, change: object = {}) => ({
  number, question, asked: question, asked_at: new Date(number * 1000).toISOString(), follow_up: null, as_of: null, narrowed: null, answer: answerOf(number), changed: [], ...change,
});

const answered = (number: number): Server["replies"][number] => (send, end) => {
  send("status", { stage: "searching", place: 0 });
  send("final", { answer: answerOf(number) });
  send("done");
  end();
};

beforeEach(() => {
  sessionStorage.clear();
  server = { history: [], running: [], replies: [], asked: [] };
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function api(): Api {
  const made = new Api();
  made.send = async (path, init = {}) => {
    if (path.endsWith("/events")) throw new Problem("Not there", "", "not_found", 404);
    if (path !== "/v1/query") return new Response();
    server.asked.push(JSON.parse(String(init.body)) as Record<string, unknown>);
    const reply = server.replies.shift();
    let seq = 0;
    return new Response(
      new ReadableStream({
        start(controller) {
          const send = (type: string, data: object = {}) => controller.enqueue(new TextEncoder().encode(`event: ${type}\ndata: ${JSON.stringify({ seq: (seq += 1), ...data })}\n\n`));
          init.signal?.addEventListener("abort", () => controller.error(init.signal?.reason));
          reply?.(send, () => controller.close());
        },
      }),
    );
  };
  made.json = async (path: string) => {
    if (path.startsWith("/v1/running")) return { running: server.running } as never;
    if (path.startsWith("/v1/conversations?")) return { conversations: [], total: 0, next: null } as never;
    if (path.startsWith("/v1/conversations/")) {
      return { id: ID, owner: "user:ana", title: "Rent", matter: "", turns: server.history.length, history: server.history, shares: [] } as never;
    }
    return {} as never;
  };
  return made;
}

function Frame() {
  return (
    <ChatContext value={useChat(useSigned().api)}>
      <SourceProvider>
        <Outlet />
      </SourceProvider>
    </ChatContext>
  );
}

/** The page as it is opened at an address; opened again, it is a reload. */
async function opened(at: string) {
  const root = createRootRoute({ component: Frame });
  const questions = createRoute({ getParentRoute: () => root, id: "questions", component: Chat });
  const routes = root.addChildren([
    questions.addChildren([
      createRoute({ getParentRoute: () => questions, path: "/" }),
      createRoute({ getParentRoute: () => questions, path: "/c/$conversation" }),
    ]),
  ]);
  const router = createRouter({ routeTree: routes, history: createMemoryHistory({ initialEntries: [at] }) });
  const me = { user: "ana", groups: [], scopes: ["read"] };
  const session = { demo: false, people: [], organisation: false, me, strictness: { offered: ["usual", "strict"], default: "usual" } };
  render(
    <SignedContext value={{ api: api(), session: session as never, me, signOut: () => undefined }}>
      <QueryClientProvider client={newQueryClient()}>
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </SignedContext>,
  );
  await screen.findByRole("textbox", { name: "Your question" });
  return router;
}

const box = () => screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Your question" });
const questions = () => screen.queryAllByRole("article").map((turn) => within(turn).getByRole("heading", { level: 2 }).textContent);

async function ask(words: string) {
  fireEvent.change(box(), { target: { value: words } });
  await act(async () => void fireEvent.keyDown(box(), { key: "Enter" }));
}

test("what was sent is no draft any more, and what it was narrowed to stays chosen in its conversation", async () => {
  const filter = { ...NO_FILTER, asOf: "2025-03-01" };
  writeDraft("new", { text: "", filter });
  server.replies.push(answered(1));
  server.history.push(keptTurn(1, RENT, { as_of: "2025-03-01" }));
  const router = await opened("/");
  await ask(RENT);
  await waitFor(() => expect(router.state.location.pathname).toBe(`/c/${ID}`));
  expect(server.asked).toMatchObject([{ question: RENT, as_of: "2025-03-01" }]);
  await waitFor(() => expect(readDraft(ID)).toEqual({ text: "", filter }));
  expect(readDraft("new")).toEqual({ text: "", filter: NO_FILTER });
  expect(Object.keys(sessionStorage)).toEqual([`footnote.draft.${ID}`]);
  fireEvent.click(screen.getByRole("button", { name: "New question" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/"));
  await waitFor(() => expect(box().value).toBe(""));
});

test("an attempt that was stopped gives way to the next one, as it does on a reload", async () => {
  server.history.push(keptTurn(1, "What is the term?"));
  server.replies.push((send) => send("sentence", { sentence: answerOf(2).sentences[0] }), answered(2));
  await opened(`/c/${ID}`);
  await screen.findByRole("heading", { level: 2, name: "What is the term?" });
  await ask(RENT);
  await waitFor(() => expect(screen.getAllByText(SAID)).toHaveLength(2));
  fireEvent.click(screen.getByRole("button", { name: "Stop" }));
  server.history.push(keptTurn(2, RENT));
  fireEvent.click(await screen.findByRole("button", { name: "Ask again" }));
  await waitFor(() => expect(screen.queryByRole("button", { name: "Stop" })).toBeNull());
  expect(server.asked.map(({ question }) => question)).toEqual([RENT, RENT]);
  await waitFor(() => expect(questions()).toEqual(["What is the term?", RENT]));
  cleanup();
  await opened(`/c/${ID}`);
  await waitFor(() => expect(questions()).toEqual(["What is the term?", RENT]));
});

test("what is lost behind the whole answer breaks nothing off: it is kept, and stands once", async () => {
  server.history.push(keptTurn(1, RENT));
  server.replies.push((send, end) => {
    send("final", { answer: answerOf(1) });
    send("error", { problem: { title: "Gone", status: 500, code: "internal" } });
    end();
  });
  await opened("/");
  await ask(RENT);
  await screen.findByText(SAID);
  await waitFor(() => expect(screen.queryByRole("button", { name: "Stop" })).toBeNull());
  expect(screen.queryByRole("button", { name: /again/i })).toBeNull();
  expect(questions()).toEqual([RENT]);
});

test("an answer that was finished before it could be stopped stands once, as it is kept", async () => {
  server.history.push(keptTurn(1, "What is the term?"));
  server.replies.push((send) => send("status", { stage: "writing", place: 0, running: "r1" }));
  await opened(`/c/${ID}`);
  await screen.findByRole("heading", { level: 2, name: "What is the term?" });
  await ask(RENT);
  await screen.findByText(/Writing/);
  server.history.push(keptTurn(2, RENT));
  server.running.push({ id: "r1", question: RENT, conversation: ID, turn: 2, state: "done", stage: "", place: 0, started_at: "", seconds: 3 });
  fireEvent.click(screen.getByRole("button", { name: "Stop" }));
  await waitFor(() => expect(screen.getAllByText(SAID)).toHaveLength(2));
  expect(questions()).toEqual(["What is the term?", RENT]);
  expect(screen.queryByText("You stopped this answer.")).toBeNull();
});

test("what was kept is asked again below it, by the words that were searched", async () => {
  const followUp = { words: "And who pays it?", earlier: [RENT], asked: "Who pays the rent?", by: "model" };
  const changed = [{ document_id: "d", version: 1, version_id: "v", title: "Lease", change: "superseded", at: "2026-12-01T00:00:00Z", by: 2, by_id: "", stands: true, reason: "" }];
  server.history.push(keptTurn(1, RENT), keptTurn(2, "And who pays it?", { asked: "Who pays the rent?", follow_up: followUp, as_of: "2025-03-01", changed }));
  server.replies.push(answered(3));
  await opened(`/c/${ID}`);
  await waitFor(() => expect(questions()).toHaveLength(2));
  expect(screen.getAllByRole("button", { name: "Ask again" })).toHaveLength(1);
  server.history.push(keptTurn(3, "Who pays the rent?", { as_of: "2025-03-01" }));
  fireEvent.click(screen.getByRole("button", { name: "Ask again" }));
  await waitFor(() => expect(server.asked).toMatchObject([{ question: "Who pays the rent?", conversation: ID, as_of: "2025-03-01" }]));
  await waitFor(() => expect(questions()).toEqual([RENT, "And who pays it?", "Who pays the rent?"]));
});

/** One that was under way when the page was opened, and whose connection is lost. */
async function joinedAndLost() {
  server.running.push({ id: "r1", question: RENT, conversation: ID, turn: null, state: "running", stage: "writing", place: 0, started_at: "", seconds: 3 });
  await opened(`/c/${ID}`);
  await screen.findByRole("alert");
  await waitFor(() => expect(questions()).toEqual([RENT]));
}

test("what was narrowed elsewhere is not asked again without that: its words go back into the box", async () => {
  await joinedAndLost();
  expect(screen.queryByRole("button", { name: /again/i })).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Put the question back into the box" }));
  expect(box().value).toBe(RENT);
});

test("what was narrowed in this tab is asked again as it was, also after a reload", async () => {
  sessionStorage.setItem("footnote.asked.r1", JSON.stringify({ asOf: "2025-03-01" }));
  server.replies.push(answered(1));
  await joinedAndLost();
  screen.getByText(/as of 1 Mar 2025/);
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  await waitFor(() => expect(server.asked).toMatchObject([{ question: RENT, as_of: "2025-03-01" }]));
});

test("the address of a turn leads to it", async () => {
  const shown: string[] = [];
  Element.prototype.scrollIntoView = function (this: Element) {
    shown.push(this.getAttribute("aria-label") ?? "");
  };
  server.history.push(keptTurn(1, RENT), keptTurn(2, "And the term?"));
  await opened(`/c/${ID}?turn=1`);
  await waitFor(() => expect(shown).toEqual(["Question 1"]));
  server.replies.push(answered(3));
  await ask("And the deposit?");
  await waitFor(() => expect(shown).toEqual(["Question 1", "Question 3"]));
});
