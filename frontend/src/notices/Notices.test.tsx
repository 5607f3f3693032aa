// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { SignedContext } from "../app/context";
import { Api } from "../client/api";
import type { Notice } from "../client/feedback";
import { linesOf, Notices } from "./Notices";

const CHANGED = { document_id: "d", version: 1, version_id: "v", by_id: "", reason: "", at: "2026-12-01T00:00:00Z", title: "Lease" };
const NOTICE: Notice = {
  audit_id: "0b0e7e6a-1f7b-4a52-9a39-0d1f3a0c1234",
  asked_by: "user:ana",
  asked_at: "2026-12-01T00:00:00Z",
  question: "What is the rent?",
  changed: [{ ...CHANGED, change: "superseded", by: 2, stands: false }],
  asked_again: "",
  cells: [{ review_id: "r", title: "Rents", document_id: "d", question: 1 }],
};

function shown(notices: Notice[]) {
  const sent: string[] = [];
  const api = new Api();
  api.json = async () => ({ notices: sent.length === 0 ? notices : [] }) as never;
  api.send = async (path, init) => {
    sent.push(`${path} ${String(init?.body)}`);
    return new Response();
  };
  const router = createRouter({ routeTree: createRootRoute({ component: Notices }), history: createMemoryHistory() });
  const me = { user: "ana", groups: [], scopes: [] } as never;
  render(
    <SignedContext value={{ api, me, session: { people: [] } as never, signOut: () => undefined }}>
      <QueryClientProvider client={new QueryClient()}>
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </SignedContext>,
  );
  return sent;
}

test("the bell tells how many answers rest on what has changed; what is seen is told to the server and goes", async () => {
  const sent = shown([NOTICE]);
  fireEvent.click(await screen.findByRole("button", { name: "1 answer rests on what has changed" }));
  await screen.findByText("What is the rent?");
  screen.getByText("Lease has a newer version, 2. The quoted words do not stand there any more.");
  expect(screen.getByRole("link", { name: "Open the answer" }).getAttribute("href")).toBe(`/answers/${NOTICE.audit_id}`);
  expect(screen.getByRole("link", { name: "Open it in Rents" }).getAttribute("href")).toBe("/reviews/r?cell=d.1");
  expect(screen.queryByText(/Shared by/)).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Seen" }));
  await waitFor(() => expect(screen.queryByText("What is the rent?")).toBeNull());
  expect(sent).toEqual([`/v1/answers/notices/seen {"answers":["${NOTICE.audit_id}"]}`]);
});

test("of an answer that somebody shares it is told who", async () => {
  shown([{ ...NOTICE, asked_by: "user:lena" }]);
  fireEvent.click(await screen.findByRole("button", { name: "1 answer rests on what has changed" }));
  await screen.findByText(/^Shared by lena\. Asked /);
});

test("each change is told in a line of its own", () => {
  expect(linesOf({ changed: [{ ...CHANGED, change: "wrong", reason: "The scan lacks page 3" }, { ...CHANGED, change: "superseded", by: null, stands: true }] })).toEqual([
    "Lease was found wrong: The scan lacks page 3.",
    "Lease has a newer version. The quoted words still stand there.",
  ]);
});
