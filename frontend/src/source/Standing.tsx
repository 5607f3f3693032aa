import { Link } from "@tanstack/react-router";
import type { Place } from "../app/places";
import { useSource } from "../app/source";
import { words } from "../strings";
import { formatDate } from "../ui/format";
import type { Standing as VersionStanding } from "./where";

/** Says that a version is not the newest, and leads to the newest and to what differs; nothing where it is. */
export function Standing({ place, standing }: { place: Place; standing: VersionStanding | null }) {
  const { open } = useSource();
  if (standing === null || standing.shown === standing.newest) return null;
  const { shown, newest, all, until } = standing;
  return (
    <div className="notice partial superseded" role="note" aria-label={words.source.notNewest(shown.version, all)}>
      <p>{words.source.superseded(shown.version, all, formatDate(until))}</p>
      <p className="superseded-actions">
        <button type="button" className="link" onClick={() => open({ ...place, version_id: newest.version_id, span: null })}>
          {words.source.openNewest}
        </button>
        <CompareLink document={place.document_id} old={shown.version_id} now={newest.version_id} name={words.source.compareNewest} />
      </p>
    </div>
  );
}

interface CompareProps {
  document: string;
  old: string;
  now: string;
  name: string;
  label?: string;
}

/** A link to what differs between two versions of a document. */
export function CompareLink({ document, old, now, name, label }: CompareProps) {
  const search = { old: `${document}.${old}`, new: `${document}.${now}` };
  return (
    <Link to="/compare" search={search as never} className="text-link" aria-label={label}>
      {name}
    </Link>
  );
}
