import { useQuery } from "@tanstack/react-query";
import { useSigned } from "../app/context";
import { type TrailAsked, type TrailDetail, trail } from "../client/admin";
import { Problem } from "../client/problem";
import { words } from "../strings";
import { ModalDialog } from "../ui/Dialog";
import { formatInstant } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";
import { actionName, documentsOf, personOf } from "./actions";

const told = words.trail;
const MOST_DOCUMENTS = 8;
type Search = (wanted: Partial<TrailAsked>) => void;

/** All that the trail says of an entry, and what else there is of its person and its documents. */
export function EntryDrawer({ id, onSearch, onClose }: { id: string; onSearch: Search; onClose: () => void }) {
  const { api } = useSigned();
  const { data, error } = useQuery({ queryKey: ["trail", "entry", id], queryFn: () => trail.show(api, id) });
  const first = data?.entries[0];
  const title = first === undefined ? (error === null ? words.ui.loading : told.noEntry) : told.entry(actionName(first.action));
  return (
    <ModalDialog side title={title} onClose={onClose}>
      {error !== null && <ProblemNotice problem={Problem.from(error)} />}
      {data !== undefined && first !== undefined && <More entries={data.entries} principal={first.principal} onSearch={onSearch} />}
      {data?.entries.map((entry) => <Entry key={`${entry.id} ${entry.seq}`} entry={entry} />)}
    </ModalDialog>
  );
}

function More({ entries, principal, onSearch }: { entries: TrailDetail[]; principal: string; onSearch: Search }) {
  const documents = documentsOf(entries.map(({ record }) => record));
  return (
    <div className="view-actions">
      {principal !== "" && (
        <button type="button" className="secondary" onClick={() => onSearch({ user: personOf(principal) })}>
          {told.allOf(personOf(principal))}
        </button>
      )}
      {documents.slice(0, MOST_DOCUMENTS).map((document) => (
        <button key={document} type="button" className="secondary" onClick={() => onSearch({ document })}>
          {told.allAbout(document.slice(0, 8))}
        </button>
      ))}
    </div>
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
        <dd>{actionName(entry.action)}</dd>
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
