import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useSigned } from "../app/context";
import { type Key, keys } from "../client/admin";
import { Problem } from "../client/problem";
import { words } from "../strings";
import { type Column, DataTable } from "../ui/DataTable";
import { formatDate } from "../ui/format";
import { useTable } from "../ui/useTable";
import { AdminView } from "./AdminView";
import { MakeKey, RevokeKey, RotateKey } from "./KeyDialogs";
import { holds, isOwnKey, nameOf, stateOf } from "./keyStates";

const told = words.keys;
type Open = { what: "make" } | { what: "revoke" | "rotate"; key: Key } | null;
const SORTED = ["label", "user", "scopes", "created", "expires", "used", "state"];

/** API keys: whose they are and when they end. One makes and rotates one's own, and revokes any. */
export function Keys() {
  const { api, me } = useSigned();
  const [open, setOpen] = useState<Open>(null);
  const { sought, all, change } = useChosen();
  const state = useTable(SORTED, { by: "created", descending: true });
  const { data, error, refetch } = useQuery({ queryKey: ["keys"], queryFn: () => keys.list(api) });
  const known = data?.keys ?? [];
  const over = known.filter((key) => !holds(key)).length;
  const shown = data?.keys.filter((key) => (all || holds(key)) && fits(key, sought));
  const close = () => setOpen(null);
  const columns = columnsOf(me.user, setOpen);
  return (
    <AdminView title={told.title} lead={told.lead}>
      <div className="view-actions">
        <button type="button" className="primary" onClick={() => setOpen({ what: "make" })}>
          {told.make}
        </button>
      </div>
      <label className="field">
        <span>{told.find}</span>
        <input type="search" value={sought} onChange={(event) => change({ q: event.target.value || undefined })} />
      </label>
      {over > 0 && (
        <label className="key-scope">
          <input type="checkbox" checked={all} onChange={(event) => change({ all: event.target.checked ? true : undefined })} />
          {told.showOver(over)}
        </label>
      )}
      <DataTable
        name={told.title}
        columns={columns}
        rows={shown}
        keyOf={({ id }) => id}
        none={known.length === 0 ? told.none : told.noneFits}
        problem={error === null ? null : Problem.from(error)}
        onRetry={() => void refetch()}
        state={state}
      />
      {open?.what === "make" && <MakeKey onClose={close} />}
      {open?.what === "revoke" && <RevokeKey known={open.key} all={known} onClose={close} />}
      {open?.what === "rotate" && <RotateKey known={open.key} onClose={close} />}
    </AdminView>
  );
}

/** What is looked for, in the address. */
function useChosen() {
  const navigate = useNavigate();
  const { q = "", all = false } = useSearch({ strict: false }) as { q?: unknown; all?: unknown };
  const change = (values: Record<string, unknown>) => {
    const search = (before: Record<string, unknown>) => ({ ...before, page: undefined, ...values });
    void navigate({ to: ".", search: search as never, replace: true, resetScroll: false });
  };
  return { sought: String(q), all: all === true, change };
}

function columnsOf(user: string, onOpen: (open: Open) => void): Column<Key>[] {
  return [
    { id: "label", name: told.label, cell: (key) => <Name known={key} />, order: nameOf },
    { id: "user", name: told.user, cell: (key) => key.user, order: (key) => key.user },
    { id: "scopes", name: told.scopes, cell: (key) => key.scopes.join(", "), order: (key) => key.scopes.join(", ") },
    { id: "groups", name: told.groups, cell: (key) => (key.groups === null ? told.synced : key.groups.join(", ")) },
    { id: "created", name: told.created, cell: (key) => formatDate(key.created_at), order: (key) => key.created_at },
    { id: "expires", name: told.expires, cell: (key) => (key.expires_at === null ? told.never : formatDate(key.expires_at)), order: (key) => key.expires_at },
    { id: "used", name: told.used, cell: (key) => (key.last_used_at === null ? told.notUsed : formatDate(key.last_used_at)), order: (key) => key.last_used_at },
    { id: "state", name: told.state, cell: (key) => told.states[stateOf(key)], order: (key) => told.states[stateOf(key)] },
    { id: "does", name: told.does, cell: (key) => <Actions known={key} own={isOwnKey(key, user)} onOpen={onOpen} /> },
  ];
}

function Name({ known }: { known: Key }) {
  return (
    <>
      {known.label || <span className="mono">{known.id}</span>}
      {known.label !== "" && <span className="mono muted"> {known.id}</span>}
    </>
  );
}

function Actions({ known, own, onOpen }: { known: Key; own: boolean; onOpen: (open: Open) => void }) {
  if (!holds(known)) return null;
  return (
    <span className="key-actions">
      {own && (
        <button type="button" className="quiet" aria-label={told.rotateKey(nameOf(known))} onClick={() => onOpen({ what: "rotate", key: known })}>
          {told.rotate}
        </button>
      )}
      <button type="button" className="quiet danger" aria-label={told.revokeKey(nameOf(known))} onClick={() => onOpen({ what: "revoke", key: known })}>
        {told.revoke}
      </button>
    </span>
  );
}

function fits(key: Key, sought: string): boolean {
  const said = [key.user, key.label, key.id, ...key.scopes, ...(key.groups ?? [])].join("\n").toLowerCase();
  return sought.toLowerCase().split(/\s+/).filter(Boolean).every((word) => said.includes(word));
}
