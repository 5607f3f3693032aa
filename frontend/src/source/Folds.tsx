import { type ReactNode, useState } from "react";
import type { Place } from "../app/places";
import { type Cited, useSource } from "../app/source";
import type { Version } from "../client/sources";
import { warningLines } from "../documents/reading";
import { words } from "../strings";
import { formatDate } from "../ui/format";
import { useMedia } from "../ui/hooks";
import { Facts } from "./Facts";
import { CompareLink } from "./Standing";
import type { Shown } from "./useShown";
import { PHONE } from "./useWidth";

type Fold = "supports" | "versions" | "facts" | "warnings";

interface Folded {
  name: string;
  content: () => ReactNode;
}

/** What is known beside the words themselves; one part of it at a time is unfolded. */
export function Folds({ place, shown, onVersion }: { place: Place; shown: Shown; onVersion: (version: Version) => void }) {
  const whole = place.span === null;
  const narrow = useMedia(PHONE);
  const [chosen, setChosen] = useState<{ of: Place; fold: Fold | null } | null>(null);
  const folds = foldsOf(place, shown, onVersion);
  const usual: Fold | null = whole ? "facts" : folds.has("supports") && !narrow ? "supports" : null;
  // What was unfolded stays so in the next source; a whole document begins with its facts.
  const open = chosen === null || (chosen.of.span === null) !== whole ? usual : chosen.fold;
  const current = open === null ? undefined : folds.get(open);
  return (
    <div className="folds">
      <div className="fold-names" role="group" aria-label={words.source.more}>
        {[...folds].map(([fold, { name }]) => (
          <button
            key={fold}
            type="button"
            className="quiet fold-name"
            aria-expanded={fold === open}
            onClick={() => setChosen({ of: place, fold: fold === open ? null : fold })}
          >
            {name}
          </button>
        ))}
      </div>
      {current !== undefined && <div className="fold">{current.content()}</div>}
    </div>
  );
}

function foldsOf(place: Place, { known, document }: Shown, onVersion: (version: Version) => void): Map<Fold, Folded> {
  const { open } = useSource();
  const cited = new Set(warningLines(known?.citation.warnings ?? []));
  const warnings = warningLines(document.standing?.shown.warnings ?? []).filter((line) => !cited.has(line));
  const { document_id, version_id } = place;
  const folds = new Map<Fold, Folded>();
  if (known !== null && known.sentences.length > 0) {
    folds.set("supports", {
      name: words.source.supports(known.sentences.length),
      content: () => <Sentences cited={known} />,
    });
  }
  if (document.versions.length > 1) {
    folds.set("versions", {
      name: words.source.versions(document.versions.length),
      content: () => <Versions place={place} document={document} onVersion={onVersion} />,
    });
  }
  folds.set("facts", {
    name: words.source.facts,
    content: () => (
      <Facts
        key={`${document_id} ${version_id}`}
        asked={{ document_id, version_id }}
        onOpen={(version, { start, end }) => open({ document_id, version_id: version, span: { start, end } })}
      />
    ),
  });
  if (warnings.length > 0) {
    folds.set("warnings", {
      name: words.source.warnings(warnings.length),
      content: () => (
        <ul className="fold-warnings">
          {warnings.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      ),
    });
  }
  return folds;
}

/** The sentences of the answer that rest on these words. The answer shows which one the reader points at. */
function Sentences({ cited }: { cited: Cited }) {
  const { activeSentence, setActiveSentence } = useSource();
  return (
    <ol className="supported" aria-label={words.source.supportsOf(cited.of)}>
      {cited.sentences.map(({ number, text }) => {
        const point = () => setActiveSentence({ of: cited.of, number });
        const leave = () => setActiveSentence(null);
        const active = activeSentence?.of === cited.of && activeSentence.number === number;
        return (
          <li key={number}>
            <button
              type="button"
              className={active ? "supported-sentence active" : "supported-sentence"}
              onFocus={point}
              onBlur={leave}
              onMouseEnter={point}
              onMouseLeave={leave}
              onClick={point}
            >
              <span className="supported-number">{number}</span> {text}
            </button>
          </li>
        );
      })}
    </ol>
  );
}

/** All versions that the reader may open, newest first. */
function Versions({ place, document, onVersion }: { place: Place; document: Shown["document"]; onVersion: (version: Version) => void }) {
  const shown = document.standing?.shown;
  return (
    <ol className="version-list">
      {document.versions.map((one, index) => (
        <li key={one.version_id} aria-current={one === shown ? "true" : undefined}>
          <span className="version-name">{words.source.version(one.version)}</span>
          <span className="version-day">
            {[formatDate(one.effective ?? one.added_at), index === 0 ? words.source.current : "", one === shown ? words.source.shown : ""]
              .filter(Boolean)
              .join(", ")}
          </span>
          {shown !== undefined && one !== shown && (
            <>
              <button
                type="button"
                className="link"
                aria-label={words.source.openVersion(one.version)}
                onClick={() => onVersion(one)}
              >
                {words.source.open}
              </button>
              <CompareLink
                document={place.document_id}
                old={one.version < shown.version ? one.version_id : shown.version_id}
                now={one.version < shown.version ? shown.version_id : one.version_id}
                name={words.source.compare}
                label={words.source.compareVersion(one.version)}
              />
            </>
          )}
        </li>
      ))}
    </ol>
  );
}
