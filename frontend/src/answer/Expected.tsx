import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useRef, useState } from "react";
import { useSigned } from "../app/context";
import type { FeedbackIn } from "../client/answers";
import { documents } from "../client/documents";
import { type DocumentText, sources } from "../client/sources";
import { countCodePoints } from "../codePoints";
import { Passage } from "../source/passage";
import { textKey } from "../source/useDocument";
import { words } from "../strings";
import { type PaneSelection, usePaneSelection } from "./usePaneSelection";

const told = words.answers.feedback;
export type ExpectedPassage = NonNullable<FeedbackIn["expected"]>;

interface Props {
  value: ExpectedPassage | null;
  onChange: (value: ExpectedPassage | null) => void;
}

/** What should have been cited: selected in the pane's text, or pasted, with its document. */
export function Expected({ value, onChange }: Props) {
  const root = useRef<HTMLFieldSetElement>(null);
  const [taken, setTaken] = useState<{ title: string; quote: string } | null>(null);
  return (
    <fieldset className="expected" ref={root} tabIndex={-1}>
      <legend>{told.expected}</legend>
      {taken !== null && value !== null ? (
        <>
          <p>{told.taken(taken.title)}</p>
          <blockquote className="footnote-quote">{taken.quote}</blockquote>
          <button
            type="button"
            className="quiet"
            onClick={() => {
              root.current?.focus(); // the button goes
              setTaken(null);
              onChange(null);
            }}
          >
            {told.clear}
          </button>
        </>
      ) : (
        <>
          <p className="muted">{told.expectedHint}</p>
          <FromPane
            onTake={(place, title, quote) => {
              root.current?.focus();
              setTaken({ title, quote });
              onChange(place);
            }}
          />
          <Pasted onChange={onChange} />
        </>
      )}
    </fieldset>
  );
}

function FromPane({ onTake }: { onTake: (place: ExpectedPassage, title: string, quote: string) => void }) {
  const { api } = useSigned();
  const selected = usePaneSelection();
  const { document_id = "", version_id = "" } = selected?.place ?? {};
  // The same text that the pane shows, and remembers.
  const { data } = useQuery({
    queryKey: textKey({ document_id, version_id }),
    queryFn: () => sources.text(api, { document_id, version_id }),
    enabled: selected !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const found = selected === null || data === undefined ? null : trimmed(data, selected.span);
  if (data === undefined || found === null) return <p className="muted">{told.nothingSelected}</p>;
  const { quote, ...span } = found;
  return (
    <>
      <blockquote className="footnote-quote">{quote}</blockquote>
      <button
        type="button"
        className="secondary"
        onClick={() => onTake({ document_id, version: data.version_id, ...span }, data.title, quote)}
      >
        {told.fromPane(data.title)}
      </button>
    </>
  );
}

/** The words of a span without the white space at its ends; null where there are none. */
function trimmed(text: DocumentText, { start, end }: PaneSelection["span"]): { start: number; end: number; quote: string } | null {
  const words = Passage.of(text).at({ start, end }) ?? "";
  const quote = words.trim();
  if (quote === "") return null;
  const from = start + countCodePoints(words.slice(0, words.indexOf(quote)));
  return { start: from, end: from + countCodePoints(quote), quote };
}

function Pasted({ onChange }: { onChange: (value: ExpectedPassage | null) => void }) {
  const { api } = useSigned();
  const [quote, setQuote] = useState("");
  const [document, setDocument] = useState("");
  const [part, setPart] = useState("");
  const q = useDeferredValue(part.trim());
  const { data } = useQuery({
    queryKey: ["answers", "choose", q],
    queryFn: () => documents.page(api, { q, sort: "title" }, { skip: 0, limit: 20 }),
    enabled: quote.trim() !== "",
  });
  function tell(words: string, id: string) {
    setQuote(words);
    setDocument(id);
    onChange(words.trim() === "" || id === "" ? null : { document_id: id, quote: words.trim() });
  }
  return (
    <>
      <label className="field">
        <span>{told.quote}</span>
        <textarea rows={2} maxLength={4000} value={quote} onChange={(event) => tell(event.target.value, document)} />
      </label>
      {quote.trim() !== "" && (
        <>
          <label className="field">
            <span>{told.findDocument}</span>
            <input value={part} onChange={(event) => setPart(event.target.value)} />
          </label>
          <label className="field">
            <span>{told.document}</span>
            <select required value={document} onChange={(event) => tell(quote, event.target.value)}>
              <option value="">{told.choose}</option>
              {data?.documents.map(({ document_id, title, source }) => (
                <option key={document_id} value={document_id}>
                  {told.documentOption(title, source)}
                </option>
              ))}
            </select>
          </label>
        </>
      )}
    </>
  );
}
