import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useSigned } from "../app/context";
import { Problem } from "../client/problem";
import { type TrailAsked, type TrailDetail, type TrailEntry, trail } from "../client/admin";
import { words } from "../strings";
import { ModalDialog } from "../ui/Dialog";
import { save } from "../ui/save";
import { formatInstant } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";
import { AdminView } from "./AdminView";
import { Verify } from "./Verify";

const NOTHING: TrailAsked = { action: "", user: "", document: "", refused: "", text: "", from: "", to: "" };
const ACTIONS = [
  "opened", "closed", "search", "read_text", "read_original", "list_documents", "upload", "delete", "restore", "label",
  "sign_in", "sign_out", "create_key", "revoke_key", "feedback", "sign_off", "export_answer", "export_review",
];
const REFUSALS = ["not_authenticated", "not_allowed", "not_found", "sign_in_failed"];
const told = words.trail;

/** The audit trail, newest first. What is searched for is in the address. */
export function AuditTrail() {
  const { api } = useSigned();
  const navigate = useNavigate();
  const found = useSearch({ strict: false }) as Partial<TrailAsked>;
  const asked = { ...NOTHING, ...Object.fromEntries(Object.keys(NOTHING).map((key) => [key, String(found[key as keyof TrailAsked] ?? "")])) };
  const [shown, setShown] = useState(String((found as { entry?: unknown }).entry ?? ""));
  const { data, error, hasNextPage, fetchNextPage, isFetching, refetch } = useInfiniteQuery({
    queryKey: ["trail", asked],
    queryFn: ({ pageParam }) => trail.list(api, asked, pageParam),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const exported = useMutation({
    mutationFn: () => trail.exported(api, asked),
    onSuccess: (bytes) => save(bytes, "footnote-audit.jsonl"),
  });
  const entries = data?.pages.flatMap((page) => page.entries) ?? [];
  const problem = error ?? exported.error;

  function search(wanted: TrailAsked) {
    const filled = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== ""));
    void navigate({ to: "/admin/audit", search: filled as never });
  }

  return (
    <AdminView title={told.title} lead={told.lead}>
      <Verify />
      <SearchForm key={JSON.stringify(asked)} asked={asked} onSearch={search} />
      <div className="view-actions">
        <button type="button" className="secondary" disabled={exported.isPending} onClick={() => exported.mutate()}>
          {exported.isPending ? told.exporting : told.export}
        </button>
      </div>
      {problem !== null && <ProblemNotice problem={Problem.from(problem)} onRetry={() => void refetch()} />}
      {data === undefined && problem === null && <p role="status">{words.ui.loading}</p>}
      {data !== undefined && entries.length === 0 && (
        <p className="muted" role="status">
          {told.none}
        </p>
      )}
      {entries.length > 0 && <Entries entries={entries} onOpen={setShown} />}
      {hasNextPage && (
        <button type="button" className="secondary more" disabled={isFetching} onClick={() => void fetchNextPage()}>
          {isFetching ? words.ui.loading : told.more}
        </button>
      )}
      {shown !== "" && <EntryDrawer id={shown} onClose={() => setShown("")} />}
    </AdminView>
  );
}

function SearchForm({ asked, onSearch }: { asked: TrailAsked; onSearch: (asked: TrailAsked) => void }) {
  const [draft, setDraft] = useState(asked);
  const field = (name: keyof TrailAsked, label: string, more: object = {}) => (
    <label className="field">
      <span>{label}</span>
      <input value={draft[name]} onChange={(event) => setDraft({ ...draft, [name]: event.target.value })} {...more} />
    </label>
  );
  const choice = (name: keyof TrailAsked, label: string, any: string, values: string[]) => (
    <label className="field">
      <span>{label}</span>
      <select value={draft[name]} onChange={(event) => setDraft({ ...draft, [name]: event.target.value })}>
        <option value="">{any}</option>
        {[...new Set([...values, draft[name]])].filter(Boolean).map((value) => (
          <option key={value} value={value}>
            {spaced(value)}
          </option>
        ))}
      </select>
    </label>
  );
  const day = (name: "from" | "to", label: string) => (
    <label className="field">
      <span>{label}</span>
      <input
        type="date"
        value={draft[name].slice(0, 10)}
        onChange={({ target: { value } }) => setDraft({ ...draft, [name]: value === "" ? "" : `${value}T00:00:00Z` })}
      />
    </label>
  );
  function send(event: FormEvent) {
    event.preventDefault();
    onSearch(draft);
  }
  return (
    <form className="filter-form" aria-label={told.form} onSubmit={send}>
      {choice("action", told.action, told.anyAction, ACTIONS)}
      {field("user", told.user, { placeholder: told.userHint })}
      {choice("refused", told.refused, told.anyOutcome, REFUSALS)}
      {field("text", told.text, { maxLength: 200 })}
      {field("document", told.document, { pattern: "[0-9a-fA-F-]{36}" })}
      {day("from", told.from)}
      {day("to", told.to)}
      <div className="filter-actions">
        <button type="submit" className="primary">
          {told.search}
        </button>
        <button type="button" className="quiet" onClick={() => onSearch(NOTHING)}>
          {told.clear}
        </button>
      </div>
    </form>
  );
}

function Entries({ entries, onOpen }: { entries: TrailEntry[]; onOpen: (id: string) => void }) {
  return (
    <table className="data-table">
      <caption className="visually-hidden">{told.entries}</caption>
      <thead>
        <tr>
          <th scope="col">{told.when}</th>
          <th scope="col">{told.who}</th>
          <th scope="col">{told.what}</th>
          <th scope="col">{told.about}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.id}>
            <td className="nowrap">{formatInstant(entry.at)}</td>
            <td>{personOf(entry.principal)}</td>
            <td>
              <button type="button" className="link" aria-label={told.open(`${spaced(entry.action)}, ${formatInstant(entry.at)}`)} onClick={() => onOpen(entry.id)}>
                {spaced(entry.action)}
              </button>
              {entry.refused !== "" && <span className="badge warned">{told.refusedAs(entry.refused)}</span>}
            </td>
            <td className="wraps">{entry.about}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function EntryDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const { api } = useSigned();
  const { data, error } = useQuery({ queryKey: ["trail", "entry", id], queryFn: () => trail.show(api, id) });
  const first = data?.entries[0];
  return (
    <ModalDialog side title={first === undefined ? words.ui.loading : told.entry(spaced(first.action))} onClose={onClose}>
      {error !== null && <ProblemNotice problem={Problem.from(error)} />}
      {data?.entries.map((entry) => <Entry key={`${entry.id} ${entry.seq}`} entry={entry} />)}
    </ModalDialog>
  );
}

function Entry({ entry }: { entry: TrailDetail }) {
  return (
    <section className="trail-entry" aria-label={told.place(entry.seq)}>
      <h3>{told.place(entry.seq)}</h3>
      <dl className="pairs">
        <dt>{told.when}</dt>
        <dd>{formatInstant(entry.at)}</dd>
        <dt>{told.written}</dt>
        <dd>{formatInstant(entry.recorded_at)}</dd>
        <dt>{told.who}</dt>
        <dd>{personOf(entry.principal)}</dd>
        <dt>{told.what}</dt>
        <dd>{spaced(entry.action)}</dd>
        <dt>{told.hash}</dt>
        <dd className="mono">{entry.hash}</dd>
      </dl>
      <h4>{told.record}</h4>
      <pre className="record-json" tabIndex={0} role="region" aria-label={told.record}>
        {JSON.stringify(entry.record, null, 2)}
      </pre>
    </section>
  );
}

function personOf(principal: string): string {
  if (principal === "") return told.nobody;
  return principal.replace(/^user:/, "");
}

function spaced(action: string): string {
  return told.actions[action] ?? action.replaceAll("_", " ");
}
