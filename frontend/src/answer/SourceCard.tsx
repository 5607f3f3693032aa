import { useQuery } from "@tanstack/react-query";
import { useSigned } from "../app/context";
import { sources, type Version } from "../client/sources";
import type { Citation } from "../client/types";
import { placeOf, warningLines } from "../documents/reading";
import { words } from "../strings";
import { longDate } from "./format";
import { Quote } from "./Quote";

const told = words.answers.source;
const KEPT_MS = 5 * 60_000;

/** What a citation is, before it is opened: title, place, quote, version and age, how far it supports what cites it. */
export function SourceCard({ citation, support }: { citation: Citation; support: string }) {
  return (
    <div className="source-card">
      <p className="source-card-title">{citation.title}</p>
      <p className="source-card-place">{[...citation.section_path.slice(-2), placeOf(citation)].filter(Boolean).join(" · ")}</p>
      <Quote citation={citation} className="source-card-quote" />
      <p className="source-card-line">
        <VersionLine citation={citation} />
      </p>
      <p className="source-card-line support">{support}</p>
      {warningLines(citation.warnings).map((line) => (
        <p key={line} className="source-card-line warned">
          {line}
        </p>
      ))}
    </div>
  );
}

/** The version's number at once; its day, and whether there is a newer one, as soon as they are known. */
function VersionLine({ citation }: { citation: Citation }) {
  const { api } = useSigned();
  const { data } = useQuery({
    queryKey: ["answers", "versions", citation.document_id],
    queryFn: () => sources.versions(api, citation.document_id),
    staleTime: KEPT_MS,
    retry: false,
  });
  return versionLine(citation, data ?? []);
}

/** "Version 2 of 31 May 2024, the newest". */
export function versionLine({ version, version_id }: Pick<Citation, "version" | "version_id">, known: Version[]): string {
  const own = known.find((one) => one.version_id === version_id);
  if (own === undefined) return told.versionOnly(version);
  const line = told.versionOf(own.version, dayOf(own));
  const current = known.find((one) => one.current);
  if (own.current || current === undefined) return own.current ? told.newest(line) : line;
  return current.version > own.version ? told.superseded(line, current.version, dayOf(current)) : line;
}

/** The day that its document bears; else that on which it was added. */
function dayOf({ date, effective, added_at }: Version): string {
  return longDate(date ?? effective ?? added_at);
}
