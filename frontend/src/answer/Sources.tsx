import { useState } from "react";
import type { Citation, Sentence } from "../client/types";
import { placeOf } from "../documents/reading";
import { fileNames } from "../documents/titles";
import { words } from "../strings";
import { Quote } from "./Quote";
import { isOpen, useReading } from "./reading";

const told = words.answers.source;
const LONG = 140; // characters of a quote that is shortened

interface Props {
  /** What each entry is called. */
  name: string;
  citations: Citation[];
  /** Of the answer; none rest on the nearest passages of an abstention. */
  sentences?: Sentence[];
}

/** Citations as a numbered list: each with its quote, what rests on it, and opened at its exact words. */
export function Sources({ name, citations, sentences = [] }: Props) {
  const [full, setFull] = useState(false);
  const files = fileNames(citations);
  const long = citations.some(({ quote }) => quote.length > LONG);
  return (
    <>
      <ol className={full ? "footnotes full" : "footnotes"} aria-label={name}>
        {citations.map((citation) => (
          <Source
            key={citation.id}
            name={name}
            citation={citation}
            file={files.get(citation.source) ?? ""}
            resting={sentences.flatMap(({ citations: ids, text }, index) => (ids.includes(citation.id) ? [{ number: index + 1, text }] : []))}
          />
        ))}
      </ol>
      {long && (
        <button type="button" className="link quotes-switch" data-uncopied="" onClick={() => setFull(!full)}>
          {full ? told.shortenQuotes : told.showQuotes}
        </button>
      )}
    </>
  );
}

interface SourceProps {
  name: string;
  citation: Citation;
  /** Of the document, where another one has the same title. */
  file: string;
  resting: { number: number; text: string }[];
}

function Source({ name, citation, file, resting }: SourceProps) {
  const { onCite, place, active } = useReading();
  const place_ = [file, ...citation.section_path.slice(-1), placeOf(citation), told.version(citation.version)];
  const touched = resting.some(({ number }) => number === active);
  return (
    <li data-active={touched ? "" : undefined}>
      <span className="footnote-number" aria-hidden="true">
        {citation.id}
      </span>
      <div className="footnote">
        <button
          type="button"
          className="footnote-open"
          aria-haspopup="dialog"
          aria-current={isOpen(citation, place) ? "true" : undefined}
          onClick={() => onCite(citation)}
        >
          <span className="visually-hidden">{told.entry(name, citation.id)} </span>
          <span className="footnote-title">{citation.title}</span>
          <span className="footnote-place">{place_.filter(Boolean).join(" · ")}</span>
        </button>
        {citation.warnings.length > 0 && <span className="badge warned">{words.answers.answer.badges.unsure}</span>}
        <Quote citation={citation} className="footnote-quote" />
        {resting.length > 0 && <RestsOn resting={resting} />}
      </div>
    </li>
  );
}

/** The sentences that rest on a source; each is shown in the text on demand. */
function RestsOn({ resting }: { resting: SourceProps["resting"] }) {
  const { setActive } = useReading();
  return (
    <p className="rests-on" data-uncopied="">
      {told.restsOn}
      {resting.map(({ number, text }) => (
        <button
          key={number}
          type="button"
          className="link"
          aria-label={told.showSentence(number, text)}
          onPointerEnter={() => setActive(number)}
          onPointerLeave={() => setActive(null)}
          onClick={(event) => showSentence(event.currentTarget, number)}
        >
          {told.sentence(number)}
        </button>
      ))}
    </p>
  );
}

function showSentence(from: HTMLElement, number: number) {
  const sentence = from.closest("[data-answer]")?.querySelector<HTMLElement>(`[data-sentence="${number}"]`);
  sentence?.scrollIntoView({ block: "nearest" });
  sentence?.focus({ preventScroll: true });
}
