// @vitest-environment happy-dom
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, it, vi } from "vitest";
import { SignedContext } from "../app/context";
import { newQueryClient } from "../app/queries";
import { Api } from "../client/api";
import type { DocumentList, Me, Session } from "../client/types";
import { FilterControls } from "./FilterControls";
import { FilterSummary } from "./FilterSummary";
import { type Filter, type FilterField, NO_FILTER } from "./filter";

afterEach(cleanup);

const me: Me = { user: "ana", groups: ["legal", "staff"], scopes: ["read"] };
const session: Session = {
  demo: false,
  people: [],
  organisation: false,
  me,
  strictness: { offered: ["usual", "strict"], default: "usual" },
};
let last = NO_FILTER;

function Form({ fields, first = NO_FILTER }: { fields?: FilterField[]; first?: Filter }) {
  const [value, setValue] = useState(first);
  last = value;
  return (
    <>
      <FilterSummary value={value} onClear={() => setValue(NO_FILTER)} />
      <FilterControls value={value} onChange={setValue} {...(fields === undefined ? {} : { fields })} />
    </>
  );
}

function show(props: { fields?: FilterField[]; first?: Filter } = {}, titles: string[] = []) {
  const api = new Api();
  const documents = titles.map((title, index) => ({ document_id: `d${index}`, title, source: `files/${title}.txt` }));
  const json = vi.spyOn(api, "json").mockResolvedValue({ documents, total: documents.length, next: null } as unknown as DocumentList);
  render(
    <SignedContext.Provider value={{ api, session, me, signOut: () => undefined }}>
      <QueryClientProvider client={newQueryClient()}>
        <Form {...props} />
      </QueryClientProvider>
    </SignedContext.Provider>,
  );
  return json;
}

it("offers one's own groups, kinds and days, and clears them with one click", () => {
  show();
  fireEvent.click(screen.getByRole("checkbox", { name: "legal" }));
  fireEvent.click(screen.getByRole("checkbox", { name: "PDF" }));
  fireEvent.change(screen.getByLabelText("As of"), { target: { value: "2025-03-01" } });
  expect(last).toEqual({ ...NO_FILTER, groups: ["legal"], kinds: ["pdf"], asOf: "2025-03-01" });
  expect(screen.getByText(/PDF; of legal; as of 1 Mar 2025/)).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: "Clear" }));
  expect(last).toEqual(NO_FILTER);
});

it("takes another kind by Enter, which sends no form", () => {
  show({ fields: ["kinds"] });
  const box = screen.getByLabelText("Another kind");
  fireEvent.change(box, { target: { value: " lease " } });
  expect(fireEvent.keyDown(box, { key: "Enter" })).toBe(false);
  expect(last.kinds).toEqual(["lease"]);
  fireEvent.click(screen.getByRole("checkbox", { name: "lease" }));
  expect(last.kinds).toEqual([]);
});

it("says that days are crossed", () => {
  show({ fields: ["dates"], first: { ...NO_FILTER, from: "2025-01-02", to: "2025-01-01" } });
  expect(screen.getByRole("alert").textContent).toContain("lies after");
});

it("finds documents by words and takes them out again", async () => {
  const asked = show({ fields: ["documents"] }, ["Lease of Unit 7", "Deed"]);
  const box = screen.getByRole("combobox", { name: "Only these documents" });
  fireEvent.focus(box);
  fireEvent.change(box, { target: { value: "lease" } });
  await vi.waitFor(() => expect(asked.mock.lastCall?.[0]).toContain("q=lease"));
  fireEvent.keyDown(box, { key: "ArrowDown" });
  await screen.findByRole("option", { name: /Lease of Unit 7/ });
  fireEvent.keyDown(box, { key: "ArrowDown" });
  fireEvent.keyDown(box, { key: "ArrowUp" });
  fireEvent.keyDown(box, { key: "Enter" });
  await vi.waitFor(() => expect(last.documents).toHaveLength(1));
  fireEvent.keyDown(box, { key: "Escape" });
  const chosen = await screen.findByRole("list", { name: "Chosen documents" });
  fireEvent.click(within(chosen).getByRole("button", { name: "Remove Lease of Unit 7" }));
  expect(last.documents).toEqual([]);
});

it("leaves out what the caller does not ask for", () => {
  show({ fields: ["groups"] });
  expect(screen.queryByLabelText("As of")).toBeNull();
  expect(screen.getByRole("group", { name: "Documents of these groups" })).toBeDefined();
});

it("offers what is stricter than the default here, and takes it back", () => {
  show({ fields: ["strictness"] });
  const choice = screen.getByLabelText("Strictness of the check");
  expect(within(choice).getAllByRole("option").map((option) => (option as HTMLOptionElement).value)).toEqual(["", "strict"]);
  fireEvent.change(choice, { target: { value: "strict" } });
  expect(last.strictness).toBe("strict");
  fireEvent.change(choice, { target: { value: "" } });
  expect(last.strictness).toBe("");
});
