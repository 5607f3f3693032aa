import { type ReactNode, useId } from "react";
import type { Problem } from "../client/problem";
import { words } from "../strings";
import "../styles/tables.css";
import { ProblemNotice } from "./ProblemNotice";
import { type Order, pageOf, type Sort, sorted } from "./tables";
import type { TableState } from "./useTable";

const said = words.ui.table;
const PAGE = 50;

export interface Column<T> {
  id: string;
  name: string;
  cell: (row: T) => ReactNode;
  /** What it is sorted by; without it, it cannot be. */
  order?: (row: T) => Order;
  /** Set to the right, its digits below each other. */
  number?: boolean;
  className?: string;
}

interface Props<T> {
  /** What it is a table of. */
  name: string;
  /** The first one names its row. */
  columns: readonly Column<T>[];
  /** Undefined as long as they were not read. */
  rows: readonly T[] | undefined;
  keyOf: (row: T) => string;
  /** What is said where there is no row. */
  none: string;
  /** Why rows could not be read, or not be read again. */
  problem?: Problem | null;
  onRetry?: () => void;
  /** Sorting and pages, of rows that are all here. Without it they stand as they came, and are all shown. */
  state?: TableState;
  /** Reads those that follow, where the server has more. */
  more?: { name: string; busy: boolean; onMore: () => void } | undefined;
  /** `cards`: on narrow screens a card each; `scroll`: the table scrolls sideways. */
  narrow?: "cards" | "scroll";
}

/** Rows of one kind: being read, failing, empty, sorted, in pages. What is sorted and shown is told in words, too. */
export function DataTable<T>({ name, columns, rows, keyOf, none, problem = null, onRetry, state, more, narrow = "cards" }: Props<T>) {
  const column = columns.find(({ id }) => id === state?.sort.by);
  const ordered = rows !== undefined && column?.order !== undefined && state !== undefined ? sorted(rows, column.order, state.sort.descending) : rows;
  const shown = ordered === undefined ? undefined : pageOf(ordered, state?.page ?? 1, state === undefined ? Math.max(1, ordered.length) : PAGE);
  return (
    <>
      {problem !== null && <ProblemNotice problem={problem} {...(onRetry !== undefined && { onRetry })} />}
      {shown === undefined && problem === null && <p role="status">{words.ui.loading}</p>}
      {shown?.rows.length === 0 && (
        <p className="muted" role="status">
          {none}
        </p>
      )}
      {shown !== undefined && shown.rows.length > 0 && (
        <>
          {state !== undefined && narrow === "cards" && <SortChoice columns={columns} state={state} />}
          <Framed name={name} scrolls={narrow === "scroll"}>
            <table className={narrow === "cards" ? "data-table stacks" : "data-table"}>
              <caption className="visually-hidden">{name}</caption>
              <Head columns={columns} state={state} />
              <tbody>
                {shown.rows.map((row) => (
                  <Row key={keyOf(row)} row={row} columns={columns} />
                ))}
              </tbody>
            </table>
          </Framed>
        </>
      )}
      {state !== undefined && shown !== undefined && shown.pages > 1 && <Pages page={shown.page} pages={shown.pages} rows={rows?.length ?? 0} name={name} onPage={state.setPage} />}
      {more !== undefined && (
        <button type="button" className="secondary more" disabled={more.busy} onClick={more.onMore}>
          {more.busy ? words.ui.loading : more.name}
        </button>
      )}
    </>
  );
}

function Framed({ name, scrolls, children }: { name: string; scrolls: boolean; children: ReactNode }) {
  if (!scrolls) return children;
  return (
    <div className="scroll-table" role="region" aria-label={name} tabIndex={0}>
      {children}
    </div>
  );
}

function Row<T>({ row, columns }: { row: T; columns: readonly Column<T>[] }) {
  return (
    <tr>
      {columns.map(({ id, name, cell, number, className }, at) => {
        const shown = [className, number === true ? "number" : undefined].filter(Boolean).join(" ") || undefined;
        const told = cell(row);
        return at === 0 ? (
          <th key={id} scope="row" className={shown}>
            {told}
          </th>
        ) : (
          <td key={id} data-label={told === "" || name === "" ? undefined : name} className={shown}>
            {told}
          </td>
        );
      })}
    </tr>
  );
}

function Head<T>({ columns, state }: { columns: readonly Column<T>[]; state: TableState | undefined }) {
  return (
    <thead>
      <tr>
        {columns.map(({ id, name, order, number }) => {
          const sort = state !== undefined && order !== undefined ? state.sort : undefined;
          return (
            <th key={id} scope="col" className={number === true ? "number" : undefined} aria-sort={sort === undefined ? undefined : directionOf(sort, id)}>
              {sort === undefined ? (
                name
              ) : (
                <button type="button" className="sort" onClick={() => state?.setSort(turned(sort, id))}>
                  {name}
                  <span aria-hidden="true" className="table-sort-sign">
                    {SIGNS[directionOf(sort, id)]}
                  </span>
                </button>
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

const SIGNS = { ascending: "↑", descending: "↓", none: "" };

function directionOf({ by, descending }: Sort, id: string): keyof typeof SIGNS {
  if (by !== id) return "none";
  return descending ? "descending" : "ascending";
}

/** The same column the other way round, or another one from its beginning. */
function turned(sort: Sort, id: string): Sort {
  return { by: id, descending: sort.by === id && !sort.descending };
}

/** Where rows are cards, and columns have no head. */
function SortChoice<T>({ columns, state: { sort, setSort } }: { columns: readonly Column<T>[]; state: TableState }) {
  const id = useId();
  return (
    <p className="sort-choice">
      <label htmlFor={id}>{said.sortBy}</label>
      <select id={id} className="line-select" value={sort.by} onChange={(event) => setSort({ ...sort, by: event.target.value })}>
        {columns.map(({ id: by, name, order }) =>
          order === undefined ? null : (
            <option key={by} value={by}>
              {name}
            </option>
          ),
        )}
      </select>
      <button type="button" className="quiet" onClick={() => setSort({ ...sort, descending: !sort.descending })}>
        {sort.descending ? said.descending : said.ascending}
      </button>
    </p>
  );
}

function Pages({ page, pages, rows, name, onPage }: { page: number; pages: number; rows: number; name: string; onPage: (page: number) => void }) {
  return (
    <nav className="table-pages" aria-label={said.pages(name)}>
      <button type="button" className="secondary" disabled={page === 1} onClick={() => onPage(page - 1)}>
        {said.previous}
      </button>
      <span role="status">{said.range((page - 1) * PAGE + 1, Math.min(page * PAGE, rows), rows)}</span>
      <button type="button" className="secondary" disabled={page === pages} onClick={() => onPage(page + 1)}>
        {said.next}
      </button>
    </nav>
  );
}
