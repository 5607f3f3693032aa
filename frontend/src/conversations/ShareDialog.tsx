import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { useSigned } from "../app/context";
import { type Conversation, conversations } from "../client/conversations";
import { Problem } from "../client/problem";
import { words } from "../strings";
import { CopyButton } from "../ui/CopyButton";
import { ModalDialog } from "../ui/Dialog";
import { ProblemNotice } from "../ui/ProblemNotice";

const told = words.conversations;

/** With whom a conversation, or one question of it, is shared; each change holds at once. */
export default function ShareDialog({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const { api, session, me } = useSigned();
  const client = useQueryClient();
  const id = useId();
  const [turn, setTurn] = useState<number | null>(null);
  const [kind, setKind] = useState("user");
  const [name, setName] = useState("");
  const at = ["conversations", "one", conversation.id];
  const opened = useQuery({ queryKey: at, queryFn: () => conversations.open(api, conversation.id) });
  const shared = opened.data?.shares.find((share) => share.turn === turn)?.principals ?? [];
  const change = useMutation({
    mutationFn: (principals: string[]) => conversations.share(api, conversation.id, { turn, principals }),
    onSuccess: (detail) => client.setQueryData(at, detail),
  });
  const problem = opened.error ?? change.error;
  const names = kind === "group" ? me.groups : session.people.map(({ user }) => user).filter((user) => user !== me.user);

  function add(event: FormEvent) {
    event.preventDefault();
    const whom = `${kind}:${name.trim()}`;
    if (name.trim() === "") return;
    change.mutate([...new Set([...shared, whom])], { onSuccess: () => setName("") });
  }

  return (
    <ModalDialog title={told.shareTitle} onClose={onClose} className="share">
      <p className="muted">{told.shareWhat}</p>
      <div className="field">
        <label htmlFor={`${id}-what`}>{told.what}</label>
        <select id={`${id}-what`} value={turn ?? ""} onChange={(event) => (change.reset(), setTurn(event.target.value === "" ? null : Number(event.target.value)))}>
          <option value="">{told.whole}</option>
          {(opened.data?.history ?? []).map(({ number, question }) => question !== null && (
            <option key={number} value={number}>
              {told.turn(number, question)}
            </option>
          ))}
        </select>
      </div>
      <form className="share-add" onSubmit={add}>
        <div className="field">
          <label htmlFor={`${id}-kind`}>{told.kind}</label>
          <select id={`${id}-kind`} value={kind} onChange={(event) => setKind(event.target.value)}>
            <option value="user">{told.person}</option>
            <option value="group">{told.group}</option>
          </select>
        </div>
        <div className="field">
          <label htmlFor={`${id}-name`}>{told.name}</label>
          <input id={`${id}-name`} value={name} list={`${id}-names`} maxLength={128} autoComplete="off" aria-describedby={`${id}-hint`} onChange={(event) => setName(event.target.value)} />
          <datalist id={`${id}-names`}>
            {names.map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
        </div>
        <button type="submit" className="secondary" disabled={name.trim() === "" || change.isPending || opened.isPending}>
          {told.add}
        </button>
        <p className="field-hint" id={`${id}-hint`}>
          {told.nameHint}
        </p>
      </form>
      {problem !== null && <ProblemNotice problem={Problem.from(problem)} />}
      <h3 id={`${id}-with`}>{told.sharedWith}</h3>
      {shared.length === 0 ? (
        <p className="muted">{opened.isPending ? words.ui.loading : told.withNobody}</p>
      ) : (
        <ul className="chips" aria-labelledby={`${id}-with`}>
          {shared.map((whom) => (
            <li key={whom} className="chip">
              <span className="chip-name">{told.principal(whom)}</span>
              <button type="button" disabled={change.isPending} aria-label={told.removeWhom(told.principal(whom))} onClick={() => change.mutate(shared.filter((one) => one !== whom))}>
                <span aria-hidden="true">✕</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <div className="dialog-actions">
        {shared.length > 0 && (
          <>
            <CopyButton text={`${location.origin}${location.pathname}#/c/${conversation.id}`} label={told.copyLink} />
            <button type="button" className="quiet danger" disabled={change.isPending} onClick={() => change.mutate([])}>
              {told.stopSharing}
            </button>
          </>
        )}
        <button type="button" className="primary" onClick={onClose}>
          {words.ui.close}
        </button>
      </div>
    </ModalDialog>
  );
}
