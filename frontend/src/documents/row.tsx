import type { ReactNode } from "react";
import type { DocumentSummary } from "../client/types";
import { words } from "../strings";
import { formatBytes, formatDate, formatLabel } from "../ui/format";
import { type Action, ActionMenu } from "../ui/Menu";
import { isMeasured, languageName } from "./language";
import { coverageLine, warningBadge } from "./reading";
import { chunkingLine, kindName } from "./words";

const SHOWN_READERS = 2;
const told = words.documents;

interface Props {
  document: DocumentSummary;
  /** Whether Tab reaches what can be done in the row. */
  active: boolean;
  selected: boolean;
  /** Undefined where nothing can be done with many. */
  onSelect: ((range: boolean) => void) | undefined;
  onOpen: () => void;
  onDetails: () => void;
  actions: Action[][];
}

/** The cells of a document's row, by column; what is not shown at a width is left out by the style. */
export function cellsOf({ document, active, selected, onSelect, onOpen, onDetails, actions }: Props): Record<string, ReactNode> {
  const { title, version, versions, warnings } = document;
  const stop = active ? 0 : -1;
  const badge = warningBadge(warnings);
  const warned = badge !== "" && (
    <button type="button" className="badge warned" aria-label={told.warningsOn(badge, title)} tabIndex={stop} onClick={onDetails}>
      {badge}
    </button>
  );
  return {
    select: onSelect && (
      <label className="check-cell">
        <input
          type="checkbox"
          aria-label={told.select(title)}
          checked={selected}
          tabIndex={stop}
          onClick={({ shiftKey }) => onSelect(shiftKey)}
          onChange={() => undefined}
        />
      </label>
    ),
    document: <Title document={document} stop={stop} onOpen={onOpen} badge={warned} />,
    kind: kindName(document.media_type),
    version:
      versions.length > 1 ? (
        <button type="button" className="link" aria-label={told.versionOf(version, title)} tabIndex={stop} onClick={onDetails}>
          {version}
        </button>
      ) : (
        version
      ),
    date:
      document.date === null ? (
        <span className="none">
          <CardLabel name={told.columns.date} />
          <span aria-hidden="true">–</span>
          <span className="visually-hidden">{told.noDate}</span>
        </span>
      ) : (
        <>
          <CardLabel name={told.columns.date} />
          <time dateTime={document.date}>{formatDate(document.date)}</time>
        </>
      ),
    added: (
      <>
        <CardLabel name={told.columns.added} />
        <time dateTime={document.added_at}>{formatDate(document.added_at)}</time>
      </>
    ),
    size: <Size document={document} />,
    allow: <Readers allow={document.allow} />,
    warnings: warned,
    actions: (
      <ActionMenu label={told.actionsFor(title)} actions={actions} className={active ? "quiet more-button" : "quiet more-button idle"}>
        <span aria-hidden="true">⋯</span>
      </ActionMenu>
    ),
  };
}

/** What a value is, where no column's head stands over it. */
export function CardLabel({ name }: { name: string }) {
  return (
    <span className="card-label" aria-hidden="true">
      {name}{" "}
    </span>
  );
}

interface TitleProps {
  document: DocumentSummary;
  stop: number;
  badge: ReactNode;
  onOpen: () => void;
}

function Title({ document, stop, badge, onOpen }: TitleProps) {
  const line = [document.source, ...notesOf(document)].join(" · ");
  return (
    <>
      <button type="button" className="row-title" tabIndex={stop} title={document.title} onClick={onOpen}>
        {document.title}
      </button>
      <span className="row-line">
        {badge}
        <span className="row-source" title={line}>
          {line}
        </span>
      </span>
    </>
  );
}

/** What is unusual about a document: its language, how it is cut, and by which rules it was read. */
export function notesOf({ language, chunking, behind }: DocumentSummary): string[] {
  return [
    isMeasured(language) ? "" : told.language(languageName(language)),
    chunkingLine(chunking),
    behind ? told.behind : "",
  ].filter(Boolean);
}

function Size({ document }: { document: DocumentSummary }) {
  const pages = coverageLine(document.coverage, document.pages);
  return (
    <>
      {pages !== "" && (
        <span className="row-pages" title={pages}>
          {pages}
        </span>
      )}
      <span className="row-bytes">{formatBytes(document.bytes)}</span>
    </>
  );
}

export function Readers({ allow }: { allow: string[] }) {
  const more = allow.length - SHOWN_READERS;
  return (
    <span className="labels" title={allow.map(formatLabel).join(", ")}>
      {allow.slice(0, SHOWN_READERS).map((token) => (
        <span className="label" key={token}>
          {formatLabel(token)}
        </span>
      ))}
      {more > 0 && (
        <span className="label">
          {told.moreReaders(more)}
          <span className="visually-hidden"> {allow.slice(SHOWN_READERS).map(formatLabel).join(", ")}</span>
        </span>
      )}
    </span>
  );
}
