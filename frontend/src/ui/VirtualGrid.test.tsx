// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { moved, VirtualGrid } from "./VirtualGrid";

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(480);
  vi.spyOn(HTMLElement.prototype, "offsetWidth", "get").mockReturnValue(800);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(480);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

function grid(count: number) {
  const onKey = vi.fn(() => true);
  const columns = [{ id: "name", header: "Name", sort: "ascending" as const }];
  const row = (index: number) => ({ cells: [<button key="b">Row {index}</button>], selected: index === 1 });
  render(
    <VirtualGrid
      name="Things"
      describedBy="keys"
      columns={columns}
      rowHeader="name"
      count={count}
      rowHeight={3}
      row={row}
      onKey={onKey}
      layout="wide"
      selectable
    />,
  );
  return onKey;
}

const rows = () => screen.getAllByRole("row").slice(1);

it("holds what is seen of a table of any length, and says how long it is", () => {
  grid(100_000);
  const table = screen.getByRole("grid", { name: "Things" });
  expect(table.getAttribute("aria-rowcount")).toBe("100001");
  expect(rows().length).toBeGreaterThan(5);
  expect(rows().length).toBeLessThan(60);
  expect(rows()[0]?.getAttribute("aria-rowindex")).toBe("2");
  expect(rows()[1]?.getAttribute("aria-selected")).toBe("true");
  expect(screen.getByRole("columnheader").getAttribute("aria-sort")).toBe("ascending");
});

it("is reached by Tab at one row, from which the arrows go on", () => {
  const onKey = grid(50);
  const stops = () => rows().filter((row) => row.tabIndex === 0);
  expect(stops()).toHaveLength(1);
  const first = rows()[0] as HTMLElement;
  first.focus();
  fireEvent.keyDown(first, { key: "ArrowDown" });
  expect(document.activeElement).toBe(rows()[1]);
  expect(stops()).toEqual([rows()[1]]);
  fireEvent.keyDown(document.activeElement as Element, { key: "Enter" });
  expect(onKey).toHaveBeenCalledWith(expect.anything(), 1);
});

it("leaves what is typed into a control of a row to the control", () => {
  const onKey = grid(50);
  fireEvent.keyDown(screen.getByRole("button", { name: "Row 3" }), { key: "Delete" });
  expect(onKey).not.toHaveBeenCalled();
});

it("moves by rows and pages and to both ends, never past them", () => {
  const to = (key: string, at: number) => moved({ key, altKey: false, metaKey: false }, at, 10, 100);
  expect(["ArrowDown", "ArrowUp", "PageDown", "PageUp", "Home", "End"].map((key) => to(key, 50))).toEqual([51, 49, 60, 40, 0, 99]);
  expect([to("PageDown", 95), to("PageUp", 3), to("ArrowUp", 0), to("End", 99)]).toEqual([99, 0, 0, 99]);
  expect(to("x", 3)).toBeNull();
  expect(moved({ key: "ArrowUp", altKey: true, metaKey: false }, 5, 10, 100)).toBeNull();
});
