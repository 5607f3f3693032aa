// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRoute, createRouter, Outlet, RouterProvider } from "@tanstack/react-router";
import { act, cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { useEffect } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SignedContext } from "../app/context";
import { writePlace } from "../app/places";
import { type Cited, SourceProvider, useSource } from "../app/source";
import { Api } from "../client/api";
import type { DocumentPages, DocumentText, Version } from "../client/sources";
import type { Citation } from "../client/types";
import SourcePane from "./SourcePane";

const ID = "0b0e7e6a-1f7b-4a52-9a39-0d1f3a0c1234";
const [OLD, NEW] = ["v_AbCd-EfGh_IjKl12", "v_ZbCd-EfGh_IjKl12"];
const TEXT = "Rent\n\nThe rent is due 😀 monthly.\nUnit | Rent\n7 | 500";
const QUOTE = "The rent is due 😀 monthly.";
const SECOND = "7 | 500";
const at = (needle: string) => {
  const start = [...TEXT.slice(0, TEXT.indexOf(needle))].length;
  return { start, end: start + [...needle].length };
};
const box = (y0: number) => ({ page: 3, x0: 72, y0, x1: 300, y1: y0 + 12 });

function version(number: number, version_id: string, title: string): Version {
  return {
    version: number, version_id, title, current: number === 2, added_at: `2026-0${number}-01T00:00:00Z`, effective: null,
    date: null, corrects: null, media_type: "application/pdf", content_sha256: "0", bytes: 1, pages: 600, behind: false,
    coverage: { text: 600, ocr: 0, unread: 0, blank: 0 }, chunking: "structure", language: "en", warnings: [],
  };
}

function citation(id: number, quote: string, more: object = {}): Citation {
  return {
    id, document_id: ID, version: 1, version_id: OLD, title: "Lease of 2023", source: "files/lease.pdf", section_path: ["Rent"],
    page: 3, page_label: "iii", bates: "", cell: "", confidence: null, warnings: [], quote, ...at(quote), boxes: [box(90)], context: [], ...more,
  };
}

const FIRST: Cited = {
  citation: citation(1, QUOTE, { context: [{ ...at("Unit"), quote: "Unit", boxes: [box(200)] }] }),
  of: "When is the rent due?",
  sentences: [{ number: 2, text: "It is due monthly." }],
};
const NEXT: Cited = { citation: citation(2, SECOND), of: "When is the rent due?", sentences: [] };

let answers: Record<string, unknown>;
let asked: string[];

class Made extends Api {
  override json<T>(path: string): Promise<T> {
    const named = /\/(\w+)(\?|$)/.exec(path)?.[1] ?? "";
    const kind = named === "text" && path.includes("start=") ? "around" : named;
    const found = answers[`${kind} of ${/version=([^&]*)/.exec(path)?.[1]}`] ?? answers[kind];
    asked.push(kind);
    return found instanceof Error ? Promise.reject(found) : Promise.resolve(found as T);
  }
}

function Behind({ cited }: { cited: Cited[] }) {
  const { setCited, place, activeSentence } = useSource();
  useEffect(() => setCited(cited), [cited, setCited]);
  return (
    <>
      <output>{JSON.stringify(activeSentence)}</output>
      <textarea aria-label="Your question" />
      {place !== null && <SourcePane place={place} modal={false} />}
    </>
  );
}

async function opened(cited: Cited[] = [FIRST, NEXT], span = at(QUOTE), version_id: string = OLD) {
  const component = () => (
    <SourceProvider>
      <Behind cited={cited} />
      <Outlet />
    </SourceProvider>
  );
  const root = createRootRoute({ component });
  const here = createRoute({ getParentRoute: () => root, path: "/" });
  const source = writePlace({ document_id: ID, version_id, span });
  const history = createMemoryHistory({ initialEntries: ["/"] });
  const router = createRouter({ routeTree: root.addChildren([here]), history });
  const signed = { api: new Made(), session: { people: [] } as never, me: { user: "ana", groups: [], scopes: [] } as never, signOut: () => undefined };
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  await act(async () => {
    render(
      <SignedContext.Provider value={signed}>
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </SignedContext.Provider>,
    );
  });
  await act(async () => router.navigate({ to: "/", search: { source } as never }));
  return { pane: await screen.findByRole("dialog"), router };
}

const sheets = (pane: HTMLElement) => [...pane.querySelectorAll(".sheet")].map((one) => one.getAttribute("data-page"));
const rects = (pane: HTMLElement, kind: string) => pane.querySelectorAll(`rect.${kind}`).length;

beforeEach(() => {
  sessionStorage.clear();
  asked = [];
  for (const [name, size] of [["clientWidth", 600], ["clientHeight", 800], ["offsetWidth", 600], ["offsetHeight", 800]] as const) {
    vi.spyOn(HTMLElement.prototype, name, "get").mockReturnValue(size);
  }
  const pages: DocumentPages["pages"] = Array.from({ length: 600 }, (_, index) => ({
    page: index + 1, label: "", bates: "", source: "text", width: 595, height: 842, start: index === 2 ? 0 : null, end: null,
  }));
  const text: DocumentText = {
    document_id: ID, version: 1, version_id: OLD, title: "Lease of 2023", media_type: "application/pdf", text: TEXT,
    start: 0, chars: [...TEXT].length,
    pages: [{ page: 3, start: 0, end: [...TEXT].length, label: "iii", bates: "", source: "text" }],
    sections: [{ title: "Rent", level: 1, ...at("Rent") }], warnings: [], language: "en",
    coverage: { text: 600, ocr: 0, unread: 0, blank: 0 }, tables: null,
  };
  answers = {
    versions: { versions: [version(2, NEW, "Lease of 2025"), version(1, OLD, "Lease of 2023")] },
    pages: { document_id: ID, version: 1, version_id: OLD, title: "Lease of 2023", media_type: "application/pdf", drawn: true, pages },
    text,
    around: text,
    boxes: { boxes: [box(90)] },
    facts: { document_id: ID, version: 1, version_id: OLD, facts: [], may_change: false },
  };
});

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

test("the cited page is asked for before its text, and pages far away are not in the tree", async () => {
  const { pane } = await opened();
  const picture = within(pane).getByRole("img", { name: `Page 3 of Lease of 2023. Marked: “${QUOTE}”` });
  expect(picture.getAttribute("src")).toBe(`/v1/documents/${ID}/pages/3.png?version=${OLD}&width=700`);
  expect(pane.querySelectorAll("img").length).toBe(1); // no neighbour before the first picture is there
  expect(sheets(pane).length).toBeLessThan(10);
  expect(asked).not.toContain("around");
  await act(async () => void fireEvent.load(picture));
  expect(asked).toContain("around");
  expect(asked).not.toContain("text"); // of which only the words at the place are looked at
  expect(within(pane).getByLabelText("Page number").nextSibling?.textContent).toBe("of 600");
});

test("quote and context have boxes of their own, and words for what they mean", async () => {
  const { pane } = await opened();
  expect([rects(pane, "box-quote"), rects(pane, "box-context")]).toEqual([1, 1]);
  const legend = within(pane).getByRole("list", { name: "What the marks mean" });
  expect(legend.textContent).toContain("the quoted words");
  expect(legend.textContent).toContain("the heading or unit they were read with");
});

test("the text marks the quote to the character, and its context otherwise", async () => {
  sessionStorage.setItem("footnote.source.mode", "text");
  const { pane } = await opened();
  const marks = (kind: string) => [...pane.querySelectorAll(`mark.${kind}`)].map((one) => one.textContent);
  expect([marks("quote"), marks("context")]).toEqual([[QUOTE], ["Unit"]]);
});

test("a quote that differs from the words at its place is marked nowhere, and said", async () => {
  sessionStorage.setItem("footnote.source.mode", "text");
  const wrong = { ...FIRST, citation: { ...FIRST.citation, quote: "The rent is due yearly." } };
  const { pane } = await opened([wrong]);
  expect(within(pane).getByRole("alert").textContent).toContain("differ from the quote");
  expect(pane.querySelector("mark")).toBeNull();
  fireEvent.click(within(pane).getByRole("button", { name: "Page" }));
  expect([rects(pane, "box-quote"), rects(pane, "box-context")]).toEqual([0, 0]);
});

test("a place that the text does not reach is said", async () => {
  sessionStorage.setItem("footnote.source.mode", "text");
  const { pane } = await opened([], { start: 5, end: 900 });
  expect((await within(pane).findByRole("alert")).textContent).toContain("has no words at the place");
});

test("an old version stands under its own title, and says what it is", async () => {
  const { pane } = await opened();
  expect(within(pane).getByRole("heading", { name: "Lease of 2023" })).toBeTruthy();
  const banner = within(pane).getByRole("note", { name: "Version 1 of 2, not the newest" });
  expect(banner.textContent).toContain("superseded on 1 Feb 2026");
  const compare = within(banner).getByRole("link", { name: "See what changed" });
  expect(compare.getAttribute("href")).toContain(`old=${ID}.${OLD}&new=${ID}.${NEW}`);
});

test("the newest version has no banner", async () => {
  const { pane } = await opened([], at(QUOTE), NEW);
  expect(within(pane).queryByRole("note")).toBeNull();
});

test("what may no longer be read is not shown", async () => {
  const { Problem } = await import("../client/problem");
  answers["versions"] = new Problem("Not found", "", "not_found", 404);
  const { pane } = await opened();
  expect(within(pane).getByRole("heading").textContent).toBe("You may not read this any more, or it was deleted");
  expect(pane.textContent).not.toContain("Lease");
  expect(pane.querySelector("img, mark, blockquote")).toBeNull();
});

test("a version that is none of those that may be read is not shown either", async () => {
  answers["versions"] = { versions: [version(2, NEW, "Lease of 2025")] };
  const { pane } = await opened();
  expect(pane.textContent).not.toContain("rent");
});

test("the sentences that rest on the words are listed, and pointed at in the answer", async () => {
  const { pane } = await opened();
  const sentence = within(pane).getByRole("button", { name: "2 It is due monthly." });
  fireEvent.focus(sentence);
  expect(document.querySelector("output")?.textContent).toBe(JSON.stringify({ of: FIRST.of, number: 2 }));
  fireEvent.blur(sentence);
  expect(document.querySelector("output")?.textContent).toBe("null");
});

test("keys step through the citations, but not while writing", async () => {
  const { pane, router } = await opened();
  const source = () => (router.state.location.search as { source: string }).source;
  expect(pane.textContent).toContain("1 of 2");
  await act(async () => void fireEvent.keyDown(within(pane).getByLabelText("Page number"), { key: "]" }));
  expect(source()).toContain(`.${at(QUOTE).start}.`);
  await act(async () => void fireEvent.keyDown(pane, { key: "]" }));
  expect(source()).toContain(`.${at(SECOND).start}.`);
  await act(async () => void fireEvent.keyDown(pane, { key: "ArrowUp", altKey: true }));
  expect(source()).toContain(`.${at(QUOTE).start}.`);
});

test("Esc closes the pane from within, and nowhere else", async () => {
  const { pane } = await opened();
  await act(async () => void fireEvent.keyDown(screen.getByLabelText("Your question"), { key: "Escape" }));
  expect(screen.queryByRole("dialog")).not.toBeNull();
  await act(async () => void fireEvent.keyDown(pane, { key: "Escape" }));
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("the words at the place are shown before the rest of the text is there", async () => {
  sessionStorage.setItem("footnote.source.mode", "text");
  const part = TEXT.slice(TEXT.indexOf("The rent"));
  answers["around"] = { ...(answers["text"] as DocumentText), text: part, start: at(part).start };
  let arrive: (text: unknown) => void = () => undefined;
  const whole = answers["text"];
  answers["text"] = new Promise((resolve) => (arrive = resolve));
  const { pane } = await opened();
  const text = () => within(pane).getByRole("region", { name: "Document text" });
  const quoted = () => [...pane.querySelectorAll("mark.quote")].map((one) => one.textContent);
  expect(quoted()).toEqual([QUOTE]);
  expect(within(text()).queryByRole("heading", { name: "Rent" })).toBeNull();
  await act(async () => arrive(whole));
  expect(quoted()).toEqual([QUOTE]);
  expect(await within(text()).findByRole("heading", { name: "Rent" })).toBeTruthy();
  expect(quoted()).toEqual([QUOTE]);
});

async function gone(now: string, compare?: object) {
  answers[`text of ${NEW}`] = { ...(answers["text"] as DocumentText), version_id: NEW, text: now, chars: [...now].length, pages: [] };
  answers["compare"] = { differences: [], next: null, ...compare };
  const { pane, router } = await opened();
  await act(async () => void fireEvent.click(within(pane).getByRole("button", { name: "Same words in the newest" })));
  await act(async () => undefined);
  return { said: within(pane).getAllByRole("status").map((one) => one.textContent), place: (router.state.location.search as { source: string }).source };
}

test("the newest version opens at the same words", async () => {
  const { said, place } = await gone(`New preamble.\n${TEXT}`);
  const start = at(QUOTE).start + 14;
  expect(place).toBe(`${ID}.${NEW}.${start}.${start + [...QUOTE].length}`);
  expect(said).toContain("Version 2 has the same words.");
  expect(asked).not.toContain("compare");
});

test("words that read otherwise lead to what took their place, and words that are gone to the beginning", async () => {
  const now = { start: 6, end: 20 };
  const place = await gone("Rent\n\nThe rent is due weekly.", { differences: [{ old: [at(QUOTE)], new: [now] }] });
  expect(place.place).toBe(`${ID}.${NEW}.6.20`);
  expect(place.said).toContain("In version 2 these words read otherwise. Marked is what stands in their place.");
  cleanup();
  const none = await gone("Rent", { differences: [{ old: [at(QUOTE)], new: [] }] });
  expect(none.place).toBe(`${ID}.${NEW}`);
  expect(none.said).toContain("Version 2 does not have these words any more. It is shown from its beginning.");
});

test("where the words cannot be looked for, that is said", async () => {
  const { Problem } = await import("../client/problem");
  answers["compare"] = new Problem("Too long", "", "too_long_to_compare", 422);
  const { said, place } = await gone("Rent", {});
  expect(place).toBe(`${ID}.${NEW}`);
  expect(said.join()).toContain("were not found in version 2");
});
