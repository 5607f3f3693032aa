// @vitest-environment happy-dom
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, configure, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { SignedContext } from "../app/context";
import { newQueryClient } from "../app/queries";
import { Api } from "../client/api";
import type { Answer } from "../client/types";
import FeedbackPanel from "./FeedbackPanel";

configure({ asyncUtilTimeout: 10_000 }); // a busy machine is slow
vi.setConfig({ testTimeout: 30_000 });

vi.mock("../app/source", () => ({ useSource: () => ({ place: null }) }));
afterEach(cleanup);

const sentence = (text: string, start: number) => ({ text, start, end: start + text.length, citations: [], part: 0, note: "", cautions: [], verdict: "entailed", support: 1 });
const ANSWER = { audit_id: "a", sentences: [sentence("One.", 0), sentence("Two.", 5)] } as unknown as Answer;
const LEASE = { document_id: "d", title: "Lease", source: "lease.txt" };

function shown(refused: () => boolean = () => false) {
  const sent: unknown[] = [];
  const api = new Api();
  api.json = async (path: string, init?: RequestInit) => {
    if (path.startsWith("/v1/documents")) return { documents: [LEASE], total: 1, next: null } as never;
    if (init?.method !== "POST") return { feedback: [] } as never;
    if (refused()) throw new Error("no");
    sent.push(JSON.parse(String(init.body)));
    return {} as never;
  };
  const me = { user: "ana", groups: [], scopes: [] } as never;
  render(
    <SignedContext value={{ api, me, session: { people: [] } as never, signOut: () => undefined }}>
      <QueryClientProvider client={newQueryClient()}>
        <FeedbackPanel answer={ANSWER} heading="h3" />
      </QueryClientProvider>
    </SignedContext>,
  );
  return sent;
}

const radio = (name: string) => screen.getByRole<HTMLInputElement>("radio", { name });
const field = (name: string) => screen.getByLabelText<HTMLInputElement>(name);

async function filled() {
  fireEvent.click(radio("Wrong source"));
  fireEvent.change(field("What you mean"), { target: { value: "2" } });
  fireEvent.change(field("Why (may be empty)"), { target: { value: "Clause 9." } });
  fireEvent.change(field("Words of the document"), { target: { value: "Notice is 90 days." } });
  await screen.findByRole("option", { name: /Lease/ });
  fireEvent.change(field("Document"), { target: { value: "d" } });
}

const send = () => fireEvent.submit(screen.getByRole("button", { name: "Send" }).closest("form") as HTMLFormElement);

test("each report begins with an empty form; the thanks go with its first change", async () => {
  const sent = shown();
  await filled();
  send();
  await screen.findByText(/Thank you/);
  expect(document.activeElement).toBe(screen.getByRole("region", { name: "Is this answer right?" }));
  expect(sent).toEqual([{ audit_id: "a", kind: "wrong_source", sentence: 2, words: "Clause 9.", expected: { document_id: "d", quote: "Notice is 90 days." } }]);
  expect(screen.getAllByRole<HTMLInputElement>("radio").some(({ checked }) => checked)).toBe(false);
  expect([field("What you mean").value, field("Why (may be empty)").value]).toEqual(["0", ""]);
  fireEvent.click(radio("Incomplete"));
  await waitFor(() => expect(screen.queryByText(/Thank you/)).toBeNull());
  expect(field("Words of the document").value).toBe("");
  send();
  await waitFor(() => expect(sent[1]).toEqual({ audit_id: "a", kind: "incomplete", sentence: 0, words: "" }));
});

test("a passage whose field is gone is not sent with another kind", async () => {
  const sent = shown();
  await filled();
  fireEvent.click(radio("Right"));
  fireEvent.click(radio("Wrong"));
  expect(field("Words of the document").value).toBe("");
  send();
  await waitFor(() => expect(sent[0]).toEqual({ audit_id: "a", kind: "wrong", sentence: 2, words: "Clause 9." }));
});

test("what could not be sent stays filled in", async () => {
  shown(() => true);
  await filled();
  send();
  await screen.findByRole("alert");
  expect(radio("Wrong source").checked).toBe(true);
  expect(field("Words of the document").value).toBe("Notice is 90 days.");
});
