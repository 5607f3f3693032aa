// @vitest-environment happy-dom
import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, configure, render } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { SignedContext } from "../app/context";
import { newQueryClient } from "../app/queries";
import { Api } from "../client/api";
import type { Answer, AnswerEvent, Citation, Sentence } from "../client/types";
import { TurnView } from "./TurnView";
import { type LiveTurn, newTurn, reduceTurns, type TurnAction } from "./turns";

configure({ asyncUtilTimeout: 10_000 }); // a busy machine is slow
vi.setConfig({ testTimeout: 30_000 });

vi.mock("../app/source", () => ({ useSource: () => ({ place: null, openCitation: () => undefined, activeSentence: null, setActiveSentence: () => undefined }) }));
afterEach(cleanup);

const cite = (id: number, title: string) => ({ id, document_id: title, version_id: "v", version: 1, title, quote: "Words.", section_path: [], source: title, page: 2, page_label: "2", cell: "", warnings: [], start: 0, end: 6 }) as unknown as Citation;
const say = (text: string, start: number, id: number): Sentence => ({ text, start, end: start + text.length, verdict: "entailed", support: 1, citations: [id], note: "", part: 0, cautions: [] });

/** What a screen reader says of a page: additions to a polite region, and all of a status that changes. */
function listened(page: Element): { said: string[]; heard: () => void } {
  const said: string[] = [];
  const heard = (records: MutationRecord[]) => {
    const statuses = new Set<Element>();
    for (const { type, target, addedNodes } of records) {
      const at = target instanceof Element ? target : target.parentElement;
      const status = at?.closest("[role=status]");
      const region = at?.closest("[aria-live=polite]");
      if (status) statuses.add(status);
      else if (region && type === "childList") {
        for (const node of addedNodes) if (node.isConnected) said.push((node as Element).querySelector?.(".sentence-text")?.textContent ?? node.textContent ?? "");
      } else if (region && (region.getAttribute("aria-relevant") ?? "additions text").includes("text")) said.push(target.textContent ?? "");
    }
    said.push(...[...statuses].map(({ textContent }) => textContent ?? "").filter(Boolean));
  };
  const observer = new MutationObserver(heard);
  observer.observe(page, { subtree: true, childList: true, characterData: true });
  return { said, heard: () => heard(observer.takeRecords()) };
}

function shown(turn: LiveTurn) {
  const client = newQueryClient();
  const me = { user: "ana", groups: [], scopes: [] } as never;
  const api = new Api();
  api.json = async () => ({ sign_offs: [] }) as never;
  const page = (now: LiveTurn) => (
    <SignedContext value={{ api, me, session: { people: [] } as never, signOut: () => undefined }}>
      <QueryClientProvider client={client}>
        <TurnView turn={now} onCite={() => undefined} onRetry={undefined} />
      </QueryClientProvider>
    </SignedContext>
  );
  const { container, rerender } = render(page(turn));
  const { said, heard } = listened(container);
  let now = turn;
  const play = async (...actions: TurnAction[]) => {
    for (const action of actions) {
      now = reduceTurns([now], action)[0] as LiveTurn;
      await act(async () => rerender(page(now)));
      heard();
    }
    return said.splice(0);
  };
  return { play };
}

const received = (event: AnswerEvent): TurnAction => ({ type: "received", id: 1, event });
const RENT = say("The rent is 500 euros.", 0, 1);
const TERM = say("The term is 5 years.", 23, 2);
const final = (change: object) => received({ type: "final", seq: 9, answer: { status: "answered", sentences: [RENT, TERM], citations: [cite(1, "Lease - Unit 7"), cite(2, "Lease - Unit 8")], cautions: [], assumed: [], left_aside: [], parts: [], withheld: 0, abstention: null, follow_up: null, conversation: null, audit_id: "a", why: "", ...change } as unknown as Answer });

test("stages and each finished sentence are said once, and how it ended", async () => {
  const { play } = shown(newTurn({ id: 1, question: "Why?" }));
  expect(await play(received({ type: "status", seq: 1, stage: "searching", place: 0 }))).toEqual([]);
  expect(await play(received({ type: "status", seq: 2, stage: "writing", place: 0 }))).toEqual(["Writing and checking…"]);
  expect(await play(received({ type: "citation", seq: 3, citation: cite(1, "Lease - Unit 7") }), received({ type: "sentence", seq: 4, sentence: RENT }))).toEqual([RENT.text]);
  // Titles grow longer where another document is called alike: that changes a chip of the sentence before.
  expect(await play(received({ type: "citation", seq: 5, citation: cite(2, "Lease - Unit 8") }), received({ type: "sentence", seq: 6, sentence: TERM }))).toEqual([TERM.text]);
  expect(await play(final({}), { type: "finished", id: 1 })).toEqual(["The answer is complete."]);
});

test("the first sentence of another attempt is said, though it stands in the place of one before", async () => {
  const stopped = reduceTurns(reduceTurns([newTurn({ id: 1, question: "Why?" })], received({ type: "sentence", seq: 1, sentence: RENT })), { type: "stopped", id: 1 });
  const { play } = shown(reduceTurns(stopped, { type: "retried", id: 1 })[0] as LiveTurn);
  const other = say("The rent is 600 euros.", 0, 1);
  expect(await play(received({ type: "sentence", seq: 1, sentence: other }))).toEqual([other.text]);
  expect(await play({ type: "stopped", id: 1 })).toEqual(["Stopped"]);
});

test("that there is no answer is said, and of which kind", async () => {
  const { play } = shown(newTurn({ id: 1, question: "Why?" }));
  const abstention = { searched: { query: "why", documents: 0, passages: 0, clues: [] }, nearest: [] };
  const none = { status: "abstained", why: "nothing_found", sentences: [], citations: [], answer: "", abstention };
  expect(await play(final(none), { type: "finished", id: 1 })).toEqual(["No answer: Nothing found."]);
});
