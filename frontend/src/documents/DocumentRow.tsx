import type { VersionAsked } from "../client/sources";
import type { DocumentSummary } from "../client/types";
import { formatBytes, formatDate, formatLabel } from "../ui/format";
import { isMeasured, languageName } from "./language";
import { coverageLine, warningBadge } from "./reading";
import { chunkingLine } from "./words";

interface Props {
  document: DocumentSummary;
  onRead: (version: VersionAsked) => void;
  onDelete: (() => void) | undefined;
}

export function DocumentRow({ document, onRead, onDelete }: Props) {
  const { title, source, version, versions } = document;
  const size = [
    coverageLine(document.coverage, document.pages),
    formatBytes(document.bytes),
    languageName(document.language),
  ]
    .filter(Boolean)
    .join(", ");
  const badge = warningBadge(document.warnings);
  const cut = chunkingLine(document.chunking);
  return (
    <tr>
      <th scope="row">
        <span className="document-title">{title}</span>
        <span className="document-source">
          {source} · {size}
        </span>
        {badge !== "" && (
          <button
            type="button"
            className="badge warned"
            aria-label={`${badge} on ${title}`}
            onClick={() => onRead(document)}
          >
            {badge}
          </button>
        )}
        {cut !== "" && <span className="document-source">{cut}</span>}
        {!isMeasured(document.language) && (
          <span className="document-source">Found by search; answers are given from English documents only.</span>
        )}
        {document.behind && <span className="document-source">Read by an older version of Footnote.</span>}
      </th>
      <td data-label="Version">{versions.length > 1 ? <Versions document={document} onRead={onRead} /> : version}</td>
      <td data-label="Date">{formatDate(document.date ?? document.added_at)}</td>
      <td data-label="Readable by">
        <span className="labels">
          {document.allow.map((token) => (
            <span className="label" key={token}>
              {formatLabel(token)}
            </span>
          ))}
        </span>
      </td>
      <td className="actions">
        <button
          type="button"
          className="quiet"
          aria-label={`Read ${title}`}
          onClick={() => onRead(document)}
        >
          Read
        </button>
        {onDelete !== undefined && (
          <button type="button" className="quiet danger" aria-label={`Delete ${title}`} onClick={onDelete}>
            Delete
          </button>
        )}
      </td>
    </tr>
  );
}

function Versions({ document, onRead }: { document: DocumentSummary; onRead: (version: VersionAsked) => void }) {
  return (
    <details className="versions">
      <summary aria-label={`Version ${document.version}, history of ${document.title}`}>
        {document.version} of {document.versions.length}
      </summary>
      <ul>
        {document.versions.map(({ version, version_id, added_at, content_sha256, corrects }) => (
          <li key={version_id}>
            <button
              type="button"
              className="link"
              aria-label={`Read version ${version} of ${document.title}`}
              onClick={() => onRead({ document_id: document.document_id, version_id })}
            >
              Version {version}
            </button>
            <span>added {formatDate(added_at)}</span>
            {corrects !== null && <span>corrects what was read in version {corrects}</span>}
            <span className="mono" title={`SHA-256 ${content_sha256}`}>
              {content_sha256.slice(0, 8)}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
