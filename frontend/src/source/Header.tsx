import { placeOf } from "../documents/reading";
import { words } from "../strings";
import { formatDate } from "../ui/format";
import type { Shown } from "./useShown";

/** Which words of which version of which document these are. */
export function Header({ shown, onClose }: { shown: Shown; onClose: () => void }) {
  const { title, sectionPath, where, source, document, known } = shown;
  const place = placeOf(where);
  return (
    <div className="source-header">
      <div className="source-heading">
        <h2 id="source-title">{title === "" ? words.source.opening : title}</h2>
        {sectionPath.length > 0 && <p className="source-path">{sectionPath.join(" › ")}</p>}
        <p className="source-place">
          {place !== "" && <span className="source-printed">{place}</span>}
          <span>{versionLine(document.standing, known?.citation.version ?? 0)}</span>
          {shown.recognised && <span>{words.source.recognised}</span>}
          {source !== "" && <span className="source-name">{source}</span>}
        </p>
      </div>
      <CloseButton onClose={onClose} />
    </div>
  );
}

/** The document was deleted, or may not be read any more: nothing of it is shown. */
export function Gone({ onClose }: { onClose: () => void }) {
  return (
    <div className="source-header">
      <div className="source-heading" role="alert">
        <h2 id="source-title">{words.source.gone}</h2>
        <p className="source-path">{words.source.goneWhat}</p>
      </div>
      <CloseButton onClose={onClose} />
    </div>
  );
}

function CloseButton({ onClose }: { onClose: () => void }) {
  return (
    <button type="button" className="quiet close" onClick={onClose} aria-label={words.source.close}>
      <span aria-hidden="true">✕</span>
    </button>
  );
}

function versionLine(standing: Shown["document"]["standing"], cited: number): string {
  if (standing === null) return cited > 0 ? words.source.version(cited) : "";
  const { shown, all } = standing;
  return words.source.versionOf(shown.version, all, formatDate(shown.effective ?? shown.added_at));
}
