// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import type { DocumentSummary } from "../client/types";
import { AS_USUAL } from "./asked";
import { columnsOf, layoutOf } from "./columns";
import { cellsOf } from "./row";
import { document } from "./samples";

afterEach(cleanup);

function row(changes: Partial<DocumentSummary> = {}, active = true) {
  const acts = { onSelect: vi.fn(), onOpen: vi.fn(), onDetails: vi.fn() };
  const cells = cellsOf({ document: document("a", changes), active, selected: false, actions: [], ...acts });
  render(
    <ul>
      {Object.entries(cells).map(([id, cell]) => (
        <li key={id} aria-label={id}>
          {cell}
        </li>
      ))}
    </ul>,
  );
  return { ...acts, cell: (id: string) => screen.getByRole("listitem", { name: id }) };
}

it("tells the day of the document apart from the day on which it was added", () => {
  const { cell } = row();
  expect(cell("date").textContent).toContain("1 May 2024");
  expect(cell("added").textContent).toContain("2 Jan 2025");
  cleanup();
  expect(row({ date: null }).cell("date").textContent).toContain("No date known");
});

it("opens by its title, and its details by version or warnings", () => {
  const versions = [1, 2].map((version) => ({ version, version_id: `v_${version}`, added_at: "", content_sha256: "", corrects: null }));
  const warnings = [{ kind: "redline" as const, page: null, words: "x", start: 0, end: 1 }];
  const { cell, onOpen, onDetails } = row({ version: 2, versions, warnings });
  fireEvent.click(within(cell("document")).getByRole("button", { name: "Lease a" }));
  expect(onOpen).toHaveBeenCalledOnce();
  fireEvent.click(within(cell("version")).getByRole("button", { name: "Version 2, history of Lease a" }));
  fireEvent.click(within(cell("warnings")).getByRole("button", { name: "1 warning on Lease a" }));
  expect(onDetails).toHaveBeenCalledTimes(2);
});

it("says what is unusual about a document", () => {
  const { cell } = row({ language: "de", behind: true, allow: ["group:a", "group:b", "user:ana"] });
  expect(cell("document").textContent).toContain("German: found by search, not answered from");
  expect(cell("document").textContent).toContain("Read by an older version");
  expect(cell("allow").textContent).toBe("ab+1 ana (person)");
});

it("is reached by Tab in the active row alone", () => {
  expect(within(row().cell("document")).getByRole("button").tabIndex).toBe(0);
  cleanup();
  const { cell } = row({}, false);
  expect([...screen.getAllByRole("button"), ...screen.getAllByRole("checkbox")].every((one) => one.tabIndex === -1 || cell("actions").contains(one))).toBe(true);
});

it("goes on from the last selected row with Shift", () => {
  const { onSelect } = row();
  fireEvent.click(screen.getByRole("checkbox", { name: "Select Lease a" }), { shiftKey: true });
  expect(onSelect).toHaveBeenCalledWith(true);
});

it("says in the head of a column by which one the list is sorted, and how", () => {
  const sort = vi.fn();
  const columns = columnsOf("wide", { ...AS_USUAL, sort: "date", order: "desc" }, undefined, sort);
  expect(Object.fromEntries(columns.map((column) => [column.id, column.sort]))).toEqual({
    document: "none", kind: undefined, version: undefined, date: "descending", added: "none", size: "none",
    allow: undefined, warnings: undefined, actions: undefined,
  });
  render(<>{columns.find(({ id }) => id === "document")?.header}</>);
  fireEvent.click(screen.getByRole("button", { name: "Title" }));
  expect(sort).toHaveBeenCalledWith("title");
});

it("has fewer columns where there is less room", () => {
  expect([80, 50, 20].map(layoutOf)).toEqual(["wide", "middle", "cards"]);
  const ids = columnsOf("middle", AS_USUAL, "box", () => undefined).map(({ id }) => id);
  expect(ids).toEqual(["select", "document", "date", "added", "allow", "actions"]);
});
