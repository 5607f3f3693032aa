import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useSigned } from "../app/context";
import { admin, type KnownPerson } from "../client/admin";
import { Problem } from "../client/problem";
import { words } from "../strings";
import { type Column, DataTable } from "../ui/DataTable";
import { formatDate } from "../ui/format";
import { useTable } from "../ui/useTable";
import { AdminView } from "./AdminView";

const told = words.people;

const COLUMNS: Column<KnownPerson>[] = [
  { id: "user", name: told.head.user, cell: (one) => <Name person={one} />, order: (one) => one.name || one.user },
  { id: "groups", name: told.head.groups, cell: (one) => <Groups names={one.groups} />, order: (one) => one.groups.join(", ") || null },
  { id: "known", name: told.head.known, cell: (one) => one.sources.map(sourceOf).join(", "), order: (one) => one.sources.map(sourceOf).join(", ") },
  { id: "keys", name: told.head.keys, cell: (one) => <Keys person={one} />, order: (one) => one.keys },
  { id: "seen", name: told.head.seen, cell: (one) => (one.last_seen === null ? told.never : formatDate(one.last_seen)), order: (one) => one.last_seen },
  { id: "state", name: told.head.state, cell: (one) => (one.active ? told.active : told.inactive), order: (one) => (one.active ? told.active : told.inactive) },
];
const IDS = COLUMNS.map(({ id }) => id);

/** Whom the installation knows, with the groups that decide what they may read. */
export function People() {
  const { api } = useSigned();
  const navigate = useNavigate();
  const { q = "" } = useSearch({ strict: false }) as { q?: unknown };
  const sought = String(q);
  const state = useTable(IDS, { by: "user", descending: false });
  const { data, error, refetch } = useQuery({ queryKey: ["people"], queryFn: () => admin.people(api) });
  const shown = data?.people.filter((person) => fits(person, sought));
  function find(text: string) {
    const search = ({ q: _before, page: _page, ...rest }: Record<string, unknown>) => ({ ...rest, ...(text !== "" && { q: text }) });
    void navigate({ to: ".", search: search as never, replace: true, resetScroll: false });
  }
  return (
    <AdminView title={told.title} lead={told.lead}>
      <details className="how">
        <summary>{told.how}</summary>
        <ul>
          {told.howLines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </details>
      <label className="field">
        <span>{told.find}</span>
        <input type="search" value={sought} onChange={(event) => find(event.target.value)} />
      </label>
      {shown !== undefined && shown.length > 0 && (
        <p className="muted" role="status">
          {told.count(shown.length, data?.people.length ?? 0)}
        </p>
      )}
      <DataTable
        name={told.title}
        columns={COLUMNS}
        rows={shown}
        keyOf={({ user }) => user}
        none={told.none}
        problem={error === null ? null : Problem.from(error)}
        onRetry={() => void refetch()}
        state={state}
      />
    </AdminView>
  );
}

function Name({ person: { name, user } }: { person: KnownPerson }) {
  return (
    <>
      {name || user}
      {name !== "" && name !== user && <span className="muted"> {user}</span>}
    </>
  );
}

function Groups({ names }: { names: string[] }) {
  return (
    <span className="labels">
      {names.map((group) => (
        <span key={group} className="label">
          {group}
        </span>
      ))}
    </span>
  );
}

/** How many hold, and the way to them. */
function Keys({ person: { keys, user } }: { person: KnownPerson }) {
  if (keys === 0) return keys;
  return (
    <Link to="/admin/keys" search={{ q: user } as never}>
      {told.keysOf(keys, user)}
    </Link>
  );
}

function sourceOf(source: string): string {
  return told.sources[source] ?? source;
}

function fits({ user, name, groups }: KnownPerson, sought: string): boolean {
  const words = sought.toLowerCase().split(/\s+/).filter(Boolean);
  const told = [user, name, ...groups].join("\n").toLowerCase();
  return words.every((word) => told.includes(word));
}
