import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { carries, useSigned } from "../app/context";
import { type Key, keys, type NewKey } from "../client/admin";
import { Problem } from "../client/problem";
import { words } from "../strings";
import { CopyButton } from "../ui/CopyButton";
import { ModalDialog } from "../ui/Dialog";
import { formatDate, formatInstant } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";
import { aloneIn, nameOf } from "./keyStates";

const told = words.keys;
type Scope = keyof typeof told.scopeNames;
/** Days for which the old key goes on. */
const GRACES = [7, 1, 30, 0];

export function RevokeKey({ known, all, onClose }: { known: Key; all: readonly Key[]; onClose: () => void }) {
  const { api } = useSigned();
  const client = useQueryClient();
  const revoked = useMutation({
    mutationFn: () => keys.revoke(api, known.id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["keys"] });
      onClose();
    },
  });
  const alone = aloneIn(known, all);
  return (
    <ModalDialog title={told.revokeTitle} onClose={onClose} busy={revoked.isPending}>
      <p>{told.revokeWhat(nameOf(known), known.user)}</p>
      <ul className="breaks">
        <li>{known.last_used_at === null ? told.breaks.notUsed : told.breaks.used(formatDate(known.last_used_at))}</li>
        <li>{told.breaks.sessions}</li>
        <li>{told.breaks.reviews}</li>
        {alone.length > 0 && <li>{told.breaks.alone(alone)}</li>}
      </ul>
      <p>{told.breaks.instead}</p>
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

export function RotateKey({ known, onClose }: { known: Key; onClose: () => void }) {
  const { api } = useSigned();
  const client = useQueryClient();
  const [grace, setGrace] = useState(GRACES[0] ?? 7);
  const made = useMutation({
    mutationFn: () => keys.rotate(api, known.id, grace),
    onSuccess: () => client.invalidateQueries({ queryKey: ["keys"] }),
  });
  if (made.data !== undefined) {
    return <Secret title={told.rotated} secret={made.data.secret} note={told.oldEnds(nameOf(known), formatInstant(made.data.old_ends_at))} onClose={onClose} />;
  }
  return (
    <ModalDialog title={told.rotateTitle} onClose={onClose} busy={made.isPending}>
      <p>{told.rotateWhat(nameOf(known))}</p>
      <label className="field">
        <span>{told.grace}</span>
        <select value={grace} onChange={(event) => setGrace(Number(event.target.value))}>
          {GRACES.map((days) => (
            <option key={days} value={days}>
              {told.graceDays(days)}
            </option>
          ))}
        </select>
      </label>
      <p>{grace === 0 ? told.graceNone : told.graceWhat}</p>
      {made.error !== null && <ProblemNotice problem={Problem.from(made.error)} />}
      <div className="dialog-actions">
        <button type="button" className="quiet" onClick={onClose}>
          {words.ui.cancel}
        </button>
        <button type="button" className="primary" disabled={made.isPending} onClick={() => made.mutate()}>
          {told.rotate}
        </button>
      </div>
    </ModalDialog>
  );
}

export function MakeKey({ onClose }: { onClose: () => void }) {
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
  if (made.data !== undefined) return <Secret title={told.made} secret={made.data.secret} onClose={onClose} />;
  const mine = (Object.keys(told.scopeNames) as Scope[]).filter((scope) => scope === "read" || (scope === "scim" ? me.scopes.includes(scope) : carries(me, scope)));
  return (
    <ModalDialog title={told.make} onClose={onClose} busy={made.isPending}>
      <form className="stack" onSubmit={make}>
        <p>{told.forYou(me.user, me.groups)}</p>
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

/** The secret of a new key, this once. */
function Secret({ title, secret, note = "", onClose }: { title: string; secret: string; note?: string; onClose: () => void }) {
  return (
    <ModalDialog title={title} onClose={onClose}>
      <p>{told.madeWhat}</p>
      {note !== "" && <p>{note}</p>}
      <label className="field">
        <span>{told.secret}</span>
        <input className="mono" readOnly value={secret} onFocus={(event) => event.target.select()} />
      </label>
      <div className="dialog-actions">
        <CopyButton text={secret} />
        <button type="button" className="primary" onClick={onClose}>
          {told.done}
        </button>
      </div>
    </ModalDialog>
  );
}
