import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { carries, useSigned } from "../app/context";
import { type Key, keys, type NewKey } from "../client/admin";
import { Problem } from "../client/problem";
import { words } from "../strings";
import { CopyButton } from "../ui/CopyButton";
import { ModalDialog } from "../ui/Dialog";
import { formatDate } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";
import { AdminView } from "./AdminView";

const told = words.keys;
type Scope = keyof typeof told.scopeNames;
type Open = { what: "make" } | { what: "revoke"; key: Key } | null;

/** API keys: whose they are and when they end; one is made for oneself, and any can be revoked. */
export function Keys() {
  const { api } = useSigned();
  const [open, setOpen] = useState<Open>(null);
  const { data, error, refetch } = useQuery({ queryKey: ["keys"], queryFn: () => keys.list(api) });
  return (
    <AdminView title={told.title} lead={told.lead}>
      <div className="view-actions">
        <button type="button" className="primary" onClick={() => setOpen({ what: "make" })}>
          {told.make}
        </button>
      </div>
      {error !== null && <ProblemNotice problem={Problem.from(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <p role="status">{words.ui.loading}</p>}
      {data?.keys.length === 0 && <p className="muted">{told.none}</p>}
      {data !== undefined && data.keys.length > 0 && (
        <KeyTable known={[...data.keys].reverse()} onRevoke={(key) => setOpen({ what: "revoke", key })} />
      )}
      {open?.what === "make" && <MakeKey onClose={() => setOpen(null)} />}
      {open?.what === "revoke" && <RevokeKey known={open.key} onClose={() => setOpen(null)} />}
    </AdminView>
  );
}

function KeyTable({ known, onRevoke }: { known: Key[]; onRevoke: (key: Key) => void }) {
  return (
    <table className="data-table stacks">
      <caption className="visually-hidden">{told.title}</caption>
      <thead>
        <tr>
          {[told.label, told.user, told.scopes, told.groups, told.created, told.expires, told.used, told.state].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {known.map((key) => (
          <tr key={key.id}>
            <th scope="row">
              {key.label || <span className="mono">{key.id}</span>}
              {key.label !== "" && <span className="mono muted"> {key.id}</span>}
            </th>
            <td data-label={told.user}>{key.user}</td>
            <td data-label={told.scopes}>{key.scopes.join(", ")}</td>
            <td data-label={told.groups}>{key.groups === null ? told.synced : key.groups.join(", ")}</td>
            <td data-label={told.created}>{formatDate(key.created_at)}</td>
            <td data-label={told.expires}>{key.expires_at === null ? told.never : formatDate(key.expires_at)}</td>
            <td data-label={told.used}>{key.last_used_at === null ? told.notUsed : formatDate(key.last_used_at)}</td>
            <td data-label={told.state}>
              {stateOf(key)}
              {stateOf(key) === told.good && (
                <button type="button" className="quiet danger" aria-label={told.revokeKey(nameOf(key))} onClick={() => onRevoke(key)}>
                  {told.revoke}
                </button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function RevokeKey({ known, onClose }: { known: Key; onClose: () => void }) {
  const { api } = useSigned();
  const client = useQueryClient();
  const revoked = useMutation({
    mutationFn: () => keys.revoke(api, known.id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["keys"] });
      onClose();
    },
  });
  return (
    <ModalDialog title={told.revokeTitle} onClose={onClose} busy={revoked.isPending}>
      <p>{told.revokeWhat(nameOf(known))}</p>
      {revoked.error !== null && <ProblemNotice problem={Problem.from(revoked.error)} />}
      <div className="dialog-actions">
        <button type="button" className="quiet" onClick={onClose}>
          {words.ui.cancel}
        </button>
        <button type="button" className="primary danger" disabled={revoked.isPending} onClick={() => revoked.mutate()}>
          {told.revoke}
        </button>
      </div>
    </ModalDialog>
  );
}

function MakeKey({ onClose }: { onClose: () => void }) {
  const { api, me } = useSigned();
  const client = useQueryClient();
  const [label, setLabel] = useState("");
  const [scopes, setScopes] = useState<Scope[]>(["read"]);
  const [ends, setEnds] = useState("");
  const made = useMutation({
    mutationFn: (key: NewKey) => keys.make(api, key),
    onSuccess: () => client.invalidateQueries({ queryKey: ["keys"] }),
  });
  function make(event: FormEvent) {
    event.preventDefault();
    made.mutate({ label, scopes, groups: me.groups, ...(ends === "" ? {} : { expires_at: `${ends}T23:59:59Z` }) });
  }
  if (made.data !== undefined) {
    return (
      <ModalDialog title={told.made} onClose={onClose}>
        <p>{told.madeWhat}</p>
        <label className="field">
          <span>{told.secret}</span>
          <input className="mono" readOnly value={made.data.secret} onFocus={(event) => event.target.select()} />
        </label>
        <div className="dialog-actions">
          <CopyButton text={made.data.secret} />
          <button type="button" className="primary" onClick={onClose}>
            {told.done}
          </button>
        </div>
      </ModalDialog>
    );
  }
  const mine = (Object.keys(told.scopeNames) as Scope[]).filter((scope) => scope === "read" || scope === "scim" ? me.scopes.includes(scope) || scope === "read" : carries(me, scope));
  return (
    <ModalDialog title={told.make} onClose={onClose} busy={made.isPending}>
      <form className="stack" onSubmit={make}>
        <label className="field">
          <span>{told.label}</span>
          <input value={label} required maxLength={200} onChange={(event) => setLabel(event.target.value)} />
          <span className="muted">{told.labelHint}</span>
        </label>
        <fieldset className="choices">
          <legend>{told.scopes}</legend>
          {mine.map((scope) => (
            <label key={scope}>
              <input
                type="checkbox"
                checked={scopes.includes(scope)}
                onChange={({ target: { checked } }) =>
                  setScopes(checked ? [...scopes, scope] : scopes.filter((one) => one !== scope))
                }
              />
              {told.scopeNames[scope]}
            </label>
          ))}
        </fieldset>
        <label className="field">
          <span>{told.ends}</span>
          <input type="date" value={ends} onChange={(event) => setEnds(event.target.value)} />
          <span className="muted">{told.endsHint}</span>
        </label>
        {made.error !== null && <ProblemNotice problem={Problem.from(made.error)} />}
        <div className="dialog-actions">
          <button type="button" className="quiet" onClick={onClose}>
            {words.ui.cancel}
          </button>
          <button type="submit" className="primary" disabled={made.isPending || scopes.length === 0}>
            {told.make}
          </button>
        </div>
      </form>
    </ModalDialog>
  );
}

function nameOf(key: Key): string {
  return key.label || key.id;
}

function stateOf(key: Key): string {
  if (key.revoked_at !== null) return told.revoked;
  return key.expired ? told.expired : told.good;
}
