// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, test } from "vitest";
import { Problem } from "../client/problem";
import { type Column, DataTable } from "./DataTable";
import type { Sort } from "./tables";

interface Person {
  name: string;
  keys: number;
}
const COLUMNS: Column<Person>[] = [
  { id: "name", name: "Person", cell: ({ name }) => name, order: ({ name }) => name },
  { id: "keys", name: "Keys", cell: ({ keys }) => keys, order: ({ keys }) => keys, number: true },
  { id: "about", name: "About", cell: () => "" },
];
const PEOPLE = Array.from({ length: 120 }, (_, at) => ({ name: `p${String(at).padStart(3, "0")}`, keys: at % 7 }));
const away = Problem.fromBody({ title: "The database is away", status: 503, detail: "Try later.", code: "x", type: "", request_id: "" } as never);

function Table({ rows, problem = null }: { rows: Person[] | undefined; problem?: Problem | null }) {
  const [sort, setSort] = useState<Sort>({ by: "name", descending: false });
  const [page, setPage] = useState(1);
  return (
    <DataTable
      name="People"
      columns={COLUMNS}
      rows={rows}
      keyOf={({ name }) => name}
      none="Nobody fits."
      problem={problem}
      state={{ sort, page, setSort: (one) => [setSort(one), setPage(1)], setPage }}
    />
  );
}
const first = () => screen.getAllByRole("rowheader")[0]?.textContent;
afterEach(cleanup);

test("it says that it is being read, that there is nothing, or why it cannot be", () => {
  const { rerender } = render(<Table rows={undefined} />);
  expect(screen.getByRole("status").textContent).toBe("Loading…");
  rerender(<Table rows={[]} />);
  expect(screen.getByRole("status").textContent).toBe("Nobody fits.");
  expect(screen.queryByRole("table")).toBeNull();
  rerender(<Table rows={undefined} problem={away} />);
  expect(screen.getByText("The database is away")).toBeTruthy();
  expect(screen.queryByText("Loading…")).toBeNull();
  rerender(<Table rows={PEOPLE} problem={away} />); // what was read stays, beside the reason
  expect(first()).toBe("p000");
  expect(screen.getByText("The database is away")).toBeTruthy();
});

test("its heads sort, say how, and begin at the first page", () => {
  render(<Table rows={PEOPLE} />);
  const [person, keys, about] = screen.getAllByRole("columnheader");
  expect([person, keys, about].map((one) => one?.getAttribute("aria-sort"))).toEqual(["ascending", "none", null]);
  expect(screen.queryByRole("button", { name: "About" })).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Next page" }));
  expect(first()).toBe("p050");
  fireEvent.click(screen.getByRole("button", { name: "Keys" }));
  expect([first(), keys?.getAttribute("aria-sort")]).toEqual(["p000", "ascending"]);
  fireEvent.click(screen.getByRole("button", { name: "Keys" }));
  expect([first(), keys?.getAttribute("aria-sort")]).toEqual(["p006", "descending"]);
});

test("it has pages, and says which rows are shown", () => {
  render(<Table rows={PEOPLE} />);
  const next = screen.getByRole("button", { name: "Next page" });
  expect(screen.getByText("1 to 50 of 120")).toBeTruthy();
  expect(screen.getByRole("button", { name: "Previous page" })).toHaveProperty("disabled", true);
  fireEvent.click(next);
  fireEvent.click(next);
  expect(screen.getByText("101 to 120 of 120")).toBeTruthy();
  expect(next).toHaveProperty("disabled", true);
  expect(screen.getAllByRole("rowheader")).toHaveLength(20);
});

test("without a state all rows stand as they came, and the server has more", () => {
  let asked = 0;
  const more = { name: "Show earlier", busy: false, onMore: () => (asked += 1) };
  render(<DataTable name="Jobs" columns={COLUMNS} rows={[...PEOPLE].reverse()} keyOf={({ name }) => name} none="" more={more} />);
  expect(first()).toBe("p119");
  expect(screen.getAllByRole("rowheader")).toHaveLength(120);
  expect(screen.queryByRole("navigation")).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Show earlier" }));
  expect(asked).toBe(1);
});
