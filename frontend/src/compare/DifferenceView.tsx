import { useSource } from "../app/source";
import type { ComparedPlace, Difference } from "../client/sources";
import { placeOf } from "../documents/reading";
import { words } from "../strings";
import { type Changed, pieces } from "./pieces";

type Side = "old" | "new";

/** A difference: what stands on each side, the words that changed marked, and the way to each in its document. */
export function DifferenceView({ difference, number }: { difference: Difference; number: number }) {
  const { kind, changes } = difference;
  const name = `difference-${number}`;
  return (
    <article className="difference" data-number={number} tabIndex={-1} aria-labelledby={name}>
      <h2 className="difference-name" id={name}>
        <span className="visually-hidden">{words.comparing.difference(number, words.comparing.kinds[kind])}</span>
        <span className="difference-number" aria-hidden="true">
          {number}
        </span>
        <span className={`kind kind-${kind}`} aria-hidden="true">
          {words.comparing.kinds[kind]}
        </span>
      </h2>
      {changes.length > 0 && (
        <ul className="labels">
          {changes.map((change) => (
            <li key={change} className="label">
              {words.comparing.changes[change]}
            </li>
          ))}
        </ul>
      )}
      <SideView side="old" places={difference.old} changed={difference.words.map(({ old }) => old)} whole={kind === "removed"} />
      <SideView side="new" places={difference.new} changed={difference.words.map((one) => one.new)} whole={kind === "added"} />
    </article>
  );
}

interface SideProps {
  side: Side;
  places: ComparedPlace[];
  changed: Changed[];
  /** Whether all of it was removed or added. */
  whole: boolean;
}

function SideView({ side, places, changed, whole }: SideProps) {
  const { open } = useSource();
  const label = side === "old" ? words.comparing.old : words.comparing.now;
  return (
    <div className={`side side-${side}`} role="group" aria-label={label}>
      {places.length === 0 && <p className="muted absent">{words.comparing.absent[side]}</p>}
      {places.map((place) => (
        <div key={place.start} className="side-place">
          <p className="side-where">
            <span>{whereLine(place)}</span>
            <button
              type="button"
              className="link"
              onClick={() => open({ document_id: place.document_id, version_id: place.version_id, span: place })}
            >
              {side === "old" ? words.comparing.openOld : words.comparing.openNew}
            </button>
          </p>
          <blockquote>
            {pieces(place, whole ? [place] : changed).map((piece) =>
              piece.changed ? <ChangedWords key={piece.start} side={side} text={piece.text} /> : <span key={piece.start}>{piece.text}</span>,
            )}
          </blockquote>
        </div>
      ))}
    </div>
  );
}

/** Words that are gone, or new: to the eye struck out or underlined, and told in words where the page is read aloud. */
function ChangedWords({ side, text }: { side: Side; text: string }) {
  const Tag = side === "old" ? "del" : "ins";
  return (
    <Tag>
      <span className="visually-hidden">{side === "old" ? words.comparing.removedWords : words.comparing.addedWords}</span>
      {text}
      <span className="visually-hidden">{words.comparing.endOfWords}</span>
    </Tag>
  );
}

function whereLine(place: ComparedPlace): string {
  const heading = place.section.at(-1) ?? "";
  const clause = place.clause === "" || heading.startsWith(place.clause) ? "" : place.clause;
  return [heading, clause, placeOf(place)].filter(Boolean).join(" · ");
}
