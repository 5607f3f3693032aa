import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useSigned } from "../app/context";
import type { Place } from "../app/places";
import { writePlace } from "../app/places";
import { sources, type Version } from "../client/sources";
import { documents as calls } from "../client/documents";
import { Problem } from "../client/problem";
import type { DocumentSummary } from "../client/types";
import { FACT_KINDS, factValue } from "../source/facts";
import { words } from "../strings";
import { ModalDialog } from "../ui/Dialog";
import { formatBytes, formatDate, formatInstant, formatLabel } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";
import type { Wanted } from "./DocumentDialogs";
import { isMeasured, nameOf } from "./language";
import { coverageLine, warningLines } from "./reading";
import { kindName, uploadedName } from "./words";

const told = words.documents.detail;

interface Props {
  id: string;
  onOpen: (place: Place) => void;
  onAct: (what: Wanted["what"], documents: DocumentSummary[]) => void;
  onClose: () => void;
}

/** Beside the list: all that is known of one document, its facts, and its versions. */
export function DocumentDetails({ id, onOpen, onAct, onClose }: Props) {
  const { api, me } = useSigned();
  const found = useQuery({ queryKey: ["documents", "one", id], queryFn: () => calls.one(api, id), staleTime: 0 });
  const document = found.data;
  return (
    <ModalDialog title={document?.title ?? words.documents.details} onClose={onClose} side className="document-details">
      {found.error !== null && <ProblemNotice problem={Problem.from(found.error)} onRetry={() => void found.refetch()} />}
      {found.isPending && <p role="status">{told.loading}</p>}
      {document !== undefined && (
        <div className="stack">
          <div className="detail-actions">
            <button
              type="button"
              className="primary"
              onClick={() => onOpen({ document_id: id, version_id: document.version_id, span: null })}
            >
              {told.openNow}
            </button>
            {document.may_change && (
              <>
                <button type="button" className="secondary" onClick={() => onAct("readers", [document])}>
                  {words.documents.changeReaders}
                </button>
                {uploadedName(document.source, me.user) !== "" && (
                  <button type="button" className="secondary" onClick={() => onAct("version", [document])}>
                    {words.documents.newVersion}
                  </button>
                )}
              </>
            )}
          </div>
          <Warned document={document} />
          <About document={document} />
          <Facts document={document} onOpen={onOpen} />
          <Versions id={id} onOpen={onOpen} />
        </div>
      )}
    </ModalDialog>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="detail-section">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Warned({ document }: { document: DocumentSummary }) {
  const lines = warningLines(document.warnings);
  if (lines.length === 0) return null;
  return (
    <Section title={told.warnings}>
      <ul className="notice warned">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </Section>
  );
}

function About({ document }: { document: DocumentSummary }) {
  const { language, chunking } = document;
  const lines: [string, ReactNode][] = [
    [told.file, <span key="file">{document.source}</span>],
    [told.kind, kindName(document.media_type)],
    [told.date, document.date === null ? words.documents.noDate : formatDate(document.date)],
    [told.added, formatInstant(document.added_at)],
    [told.pages, coverageLine(document.coverage, document.pages)],
    [told.size, formatBytes(document.bytes)],
    [told.language, isMeasured(language) ? "" : `${nameOf(language)}. ${words.documents.unmeasured}`],
    [told.chunking, words.documents.chunkings[chunking as keyof typeof words.documents.chunkings] ?? chunking],
    [told.reading, document.behind ? words.documents.behind : ""],
    [told.allow, document.allow.map(formatLabel).join(", ")],
  ];
  return (
    <Section title={told.about}>
      <dl className="properties">
        {lines
          .filter(([, value]) => value !== "")
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </Section>
  );
}

function Facts({ document, onOpen }: { document: DocumentSummary; onOpen: (place: Place) => void }) {
  const { api } = useSigned();
  const { document_id, version_id } = document;
  const found = useQuery({
    queryKey: ["source", document_id, "facts", version_id], // as the pane has it, where they are corrected
    queryFn: () => sources.facts(api, { document_id, version_id }),
  });
  return (
    <Section title={told.facts}>
      {found.error !== null && <ProblemNotice problem={Problem.from(found.error)} onRetry={() => void found.refetch()} />}
      {found.isPending && <p role="status">{words.ui.loading}</p>}
      {found.data?.facts.length === 0 && <p className="muted">{told.noFacts}</p>}
      <dl className="properties" hidden={!found.data?.facts.length}>
        {found.data?.facts.map((fact) => {
          const value = factValue(fact);
          const name = `${FACT_KINDS[fact.kind]}: ${value}`;
          const place = fact.version === null ? null : { document_id, version_id: fact.version_id, span: { start: fact.start, end: fact.end } };
          return (
            <div key={name}>
              <dt>{FACT_KINDS[fact.kind]}</dt>
              <dd>
                {place === null ? (
                  value
                ) : (
                  <button type="button" className="link" aria-label={told.fact(name)} onClick={() => onOpen(place)}>
                    {value}
                  </button>
                )}
              </dd>
            </div>
          );
        })}
      </dl>
    </Section>
  );
}

function Versions({ id, onOpen }: { id: string; onOpen: (place: Place) => void }) {
  const { api } = useSigned();
  const found = useQuery({ queryKey: ["documents", "versions", id], queryFn: () => sources.versions(api, id), staleTime: 0 });
  return (
    <Section title={told.versions}>
      {found.error !== null && <ProblemNotice problem={Problem.from(found.error)} onRetry={() => void found.refetch()} />}
      {found.isPending && <p role="status">{words.ui.loading}</p>}
      <ol className="versions">
        {found.data?.map((version, at) => (
          <VersionLine key={version.version_id} id={id} version={version} before={found.data[at + 1]} onOpen={onOpen} />
        ))}
      </ol>
    </Section>
  );
}

interface LineProps {
  id: string;
  version: Version;
  before: Version | undefined;
  onOpen: (place: Place) => void;
}

function VersionLine({ id, version, before, onOpen }: LineProps) {
  const place = (one: Version): Place => ({ document_id: id, version_id: one.version_id, span: null });
  const corrected = version.corrects === null ? "" : told.corrects(version.corrects);
  const facts = [
    told.versionAdded(formatInstant(version.added_at)),
    version.effective === null ? "" : told.holds(formatDate(version.effective)),
    coverageLine(version.coverage, version.pages),
    formatBytes(version.bytes),
    words.documents.warningCount(version.warnings.length),
    corrected,
  ];
  return (
    <li>
      <p className="version-line">
        <button type="button" className="link" aria-label={told.openVersion(version.version)} onClick={() => onOpen(place(version))}>
          {told.version(version.version)}
        </button>
        {version.current && <span className="label">{told.current}</span>}
        {before !== undefined && (
          <a
            className="compare"
            href={`#/compare?old=${writePlace(place(before))}&new=${writePlace(place(version))}`}
            aria-label={told.compareNamed(version.version)}
          >
            {told.compare}
          </a>
        )}
      </p>
      <p className="muted">{facts.filter(Boolean).join(" · ")}</p>
      <p className="muted mono">{told.sha(version.content_sha256)}</p>
    </li>
  );
}
