// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { SignedContext } from "../app/context";
import { Api } from "../client/api";
import type { CellStatus, SignOff } from "../client/reviews";
import { CellState } from "./CellState";
import { CellText } from "./GridRow";
import type { Cell } from "./matrix";

const CELL: Cell = {
  document_id: "d",
  question: 1,
  status: "answered",
  code: "",
  audit_id: "x",
  version: 1,
  version_id: "v",
  computed_at: null,
  text: "500 euros.",
  changed: [],
  signed: [],
};
const sign = (verdict: SignOff["verdict"]): SignOff => ({ audit_id: "x", sentence: null, by: "user:ben", at: "", verdict, words: "" });
const change = { document_id: "d", version: 1, title: "Lease", at: "", change: "superseded" as const, by: 2, stands: false, reason: "", version_id: "v", by_id: "" };

function shown(cell: Cell | undefined): string[] {
  const { container } = render(<CellState cell={cell} />);
  const states = [...container.querySelectorAll(".cell-state")];
  expect(states.every((one) => one.querySelector("svg") !== null)).toBe(true);
  return states.map((one) => one.textContent ?? "");
}

test.each<[CellStatus, string]>([
  ["waiting", "Waiting"],
  ["running", "Being answered"],
  ["answered", "Answered"],
  ["partial", "Partly answered"],
  ["not_found", "Not found"],
  ["stale", "Out of date"],
])("a cell that is %s says so in words, beside a sign", (status, words) => {
  expect(shown({ ...CELL, status })).toEqual([words]);
});

test("a cell that failed says why, one that is not shown is said to be none", () => {
  expect(shown({ ...CELL, status: "failed", code: "answer_gone" })).toEqual(["Failed: its answer was erased"]);
  expect(shown({ ...CELL, status: "failed", code: "some_new_code" })).toEqual(["Failed: some new code"]);
  expect(shown({ ...CELL, status: "failed" })).toEqual(["Failed"]);
  expect(shown(undefined)).toEqual(["Not shown to you"]);
});

test("what has changed and what was signed stand beside the state; a rejection comes before approvals", () => {
  expect(shown({ ...CELL, changed: [change], signed: [sign("approved"), sign("rejected")] })).toEqual([
    "Answered",
    "Rejected, 2 sign-offs",
    "Source has a newer version",
  ]);
  expect(shown({ ...CELL, changed: [change, { ...change, change: "wrong", reason: "bad scan" }] })).toContain("Source was found wrong");
});

function text(cell: Cell, api: Api = new Api()) {
  const me = { user: "ana", groups: [], scopes: [] } as never;
  const signed = { api, me, session: { people: [] } as never, signOut: () => undefined };
  return render(
    <SignedContext value={signed}>
      <QueryClientProvider client={new QueryClient()}>
        <CellText cell={cell} />
      </QueryClientProvider>
    </SignedContext>,
  );
}

test("the text of an answer that came by an event is read by itself", async () => {
  const asked: string[] = [];
  const api = new Api();
  api.json = async (path: string) => {
    asked.push(path);
    return { answer: { answer: "600 euros.", sentences: [{}] }, changed: [] } as never;
  };
  text({ ...CELL, text: null }, api);
  await screen.findByText("600 euros.");
  expect(asked).toEqual(["/v1/answers/x"]);
});

test("nothing is asked where the row told the text, or there is no answer", () => {
  const api = new Api();
  api.json = () => {
    throw new Error("asked");
  };
  expect(text(CELL, api).container.textContent).toBe("500 euros.");
  expect(text({ ...CELL, audit_id: null, text: "" }, api).container.textContent).toBe("");
});
