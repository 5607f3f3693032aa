import { Link } from "@tanstack/react-router";
import type { Place } from "../app/places";
import { words } from "../strings";
import { formatDate } from "../ui/format";
import type { Following } from "./useFollow";
import type { Standing as VersionStanding } from "./where";

interface Props {
  place: Place;
  standing: VersionStanding | null;
  following: Following;
}

/**
 * Says that a version is not the newest, and leads to the same words of the newest and to what differs; and what became
 * of the words, where another version was gone to.
 */
export function Standing({ place, standing, following }: Props) {
  const { looking, became } = following;
  return (
    <>
      {standing !== null && standing.shown !== standing.newest && <Superseded place={place} standing={standing} onNewest={following.follow} />}
      <div role="status" className={looking === null && became === null ? undefined : "notice followed"}>
        {looking !== null && <p>{words.source.looking(looking)}</p>}
        {looking === null && became !== null && <p>{words.source.became[became.what](became.version)}</p>}
      </div>
    </>
  );
}

function Superseded({ place, standing, onNewest }: { place: Place; standing: VersionStanding; onNewest: Following["follow"] }) {
  const { shown, newest, all, until } = standing;
  return (
    <div className="notice partial superseded" role="note" aria-label={words.source.notNewest(shown.version, all)}>
      <p>{words.source.superseded(shown.version, all, formatDate(until))}</p>
      <p className="superseded-actions">
        <button type="button" className="link" onClick={() => onNewest(newest)}>
          {place.span === null ? words.source.openNewest : words.source.sameInNewest}
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
