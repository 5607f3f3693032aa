import type { Citation } from "../client/types";
import { placeOf } from "../documents/reading";
import { fileNames } from "../documents/titles";

interface Props {
  /** What the list is called, and each of its entries. */
  label: string;
  name: string;
  citations: Citation[];
  /** Whether to show the quoted words as well. */
  quoted?: boolean;
  onCite: (citation: Citation) => void;
}

/** Citations as a numbered list; each opens at its exact words. */
export function Footnotes({ label, name, citations, quoted = false, onCite }: Props) {
  const files = fileNames(citations);
  return (
    <ol className="footnotes" aria-label={label}>
      {citations.map((citation) => (
        <li key={citation.id}>
          <span className="footnote-number" aria-hidden="true">
            {citation.id}
          </span>
          <button
            type="button"
            aria-haspopup="dialog"
            aria-label={[`${name} ${citation.id}: ${citation.title}`, files.get(citation.source)].filter(Boolean).join(", ")}
            onClick={() => onCite(citation)}
          >
            <span className="footnote-title">{citation.title}</span>
            <span className="footnote-place">
              {[
                files.get(citation.source),
                ...citation.section_path.slice(-1),
                placeOf(citation),
                `version ${citation.version}`,
              ]
                .filter(Boolean)
                .join(" · ")}
            </span>
            {citation.warnings.length > 0 && <span className="badge warned">Unsure source</span>}
            {quoted && <q className="footnote-quote">{citation.quote}</q>}
          </button>
        </li>
      ))}
    </ol>
  );
}
