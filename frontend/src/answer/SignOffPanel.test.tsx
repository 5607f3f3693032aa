// @vitest-environment happy-dom
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, configure, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { SignedContext } from "../app/context";
import { newQueryClient } from "../app/queries";
import type { SignOff } from "../client/answers";
import { Api } from "../client/api";
import type { Answer } from "../client/types";
import { NO_MATRIX, type Cell, reduceMatrix } from "../reviews/matrix";
import SignOffPanel from "./SignOffPanel";

configure({ asyncUtilTimeout: 10_000 }); // a busy machine is slow
vi.setConfig({ testTimeout: 30_000 });

afterEach(cleanup);

const sentence = (text: string, start: number) => ({ text, start, end: start + text.length, citations: [], part: 0, note: "", cautions: [], verdict: "entailed", support: 1 });
const ANSWER = { audit_id: "a", sentences: [sentence("One.", 0), sentence("Two.", 5)] } as unknown as Answer;
const BEN: SignOff = { audit_id: "a", sentence: null, by: "user:ben", at: "2026-11-30T00:00:00Z", verdict: "approved", words: "" };

/** Signed by ben already; a server that keeps one sign-off of each sentence for each person. */
function shown(onSigned?: (signed: SignOff[]) => void) {
  let signed = [BEN];
  const sent: string[] = [];
  const numberOf = (path: string) => (path.includes("/sentences/") ? Number(path.split("/")[5]) : null);
  const others = (path: string) => signed.filter((one) => one.by !== "user:ana" || one.sentence !== numberOf(path));
  const api = new Api();
  api.json = async (path: string, init?: RequestInit) => {
    if (init?.method !== "PUT") return { sign_offs: signed } as never;
    sent.push(`PUT ${path} ${String(init.body)}`);
    const one = { ...BEN, ...(JSON.parse(String(init.body)) as object), by: "user:ana", sentence: numberOf(path) };
    signed = [...others(path), one];
    return one as never;
  };
  api.send = async (path, init) => {
    sent.push(`${init?.method} ${path}`);
    signed = others(path);
    return new Response();
  };
  const me = { user: "Ana", groups: [], scopes: [] } as never;
  render(
    <SignedContext value={{ api, me, session: { people: [] } as never, signOut: () => undefined }}>
      <QueryClientProvider client={newQueryClient()}>
        <SignOffPanel answer={ANSWER} heading="h3" onSigned={onSigned} />
      </QueryClientProvider>
    </SignedContext>,
  );
  return sent;
}

const button = (name: string) => screen.getByRole("button", { name });
const list = () => within(screen.getByRole("list")).getAllByRole("listitem").map((item) => item.querySelector("span")?.textContent);

test("the whole answer is approved with one click, a sentence is signed by itself, and what is taken back is told", async () => {
  const told: SignOff[][] = [];
  const sent = shown((signed) => told.push(signed));
  await waitFor(() => expect(list()).toEqual(["The whole answer: Approved by ben, 30 November 2026"]));
  fireEvent.click(button("Approve"));
  await screen.findByText("Approved: the whole answer.");
  await waitFor(() => expect(button("Approve").getAttribute("aria-pressed")).toBe("true"));
  fireEvent.change(screen.getByLabelText("What you have looked at"), { target: { value: "2" } });
  expect(button("Approve").getAttribute("aria-pressed")).toBe("false");
  fireEvent.click(button("Reject"));
  await screen.findByText("Rejected: sentence 2.");
  expect(list()).toHaveLength(3);
  fireEvent.click(button("Withdraw yours of sentence 2"));
  await screen.findByText("Withdrawn: yours of sentence 2.");
  await waitFor(() => expect(list()).toHaveLength(2));
  expect(screen.queryByRole("button", { name: "Withdraw yours of sentence 2" })).toBeNull();
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("region", { name: "Sign off" })));
  expect(sent).toEqual([
    'PUT /v1/answers/a/sign-off {"verdict":"approved","words":""}',
    'PUT /v1/answers/a/sentences/2/sign-off {"verdict":"rejected","words":""}',
    "DELETE /v1/answers/a/sentences/2/sign-off",
  ]);
  expect(told.map((signed) => signed.length)).toEqual([2, 3, 2]);
});

test("other words are asked for where a sentence holds with other words", async () => {
  const sent = shown();
  fireEvent.click(button("Holds with other words"));
  screen.getByRole("alert");
  expect(document.activeElement).toBe(screen.getByRole("textbox"));
  expect(sent).toEqual([]);
  fireEvent.change(screen.getByRole("textbox"), { target: { value: "Notice is 90 days." } });
  expect(screen.queryByRole("alert")).toBeNull();
  fireEvent.click(button("Holds with other words"));
  await screen.findByText("Holds with other words: the whole answer.");
  expect(sent).toEqual(['PUT /v1/answers/a/sign-off {"verdict":"changed","words":"Notice is 90 days."}']);
});

test("a matrix is told what holds of its cell", async () => {
  const cell = { document_id: "d", question: 1, audit_id: "a", signed: [BEN] } as unknown as Cell;
  let matrix = { ...NO_MATRIX, rows: [{ document_id: "d", title: "", source: "", version_id: "v", cells: new Map([[1, cell]]) }] };
  shown((signed) => {
    matrix = reduceMatrix(matrix, { type: "signed", audit_id: "a", signed }) as typeof matrix;
  });
  const verdicts = () => matrix.rows[0]?.cells.get(1)?.signed.map(({ by, verdict, sentence }) => [by, verdict, sentence]);
  fireEvent.change(screen.getByLabelText("What you have looked at"), { target: { value: "1" } });
  fireEvent.click(button("Reject"));
  await waitFor(() => expect(verdicts()).toEqual([["user:ben", "approved", null], ["user:ana", "rejected", 1]]));
});
