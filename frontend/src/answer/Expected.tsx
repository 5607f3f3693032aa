import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { useSigned } from "../app/context";
import type { FeedbackIn } from "../client/answers";
import { documents } from "../client/documents";
import { sources } from "../client/sources";
import { CodePoints } from "../codePoints";
import { words } from "../strings";
import { locate } from "./locating";
import { usePaneSelection } from "./usePaneSelection";

const told = words.answers.feedback;
export type ExpectedPassage = NonNullable<FeedbackIn["expected"]>;

interface Props {
  value: ExpectedPassage | null;
  onChange: (value: ExpectedPassage | null) => void;
}

/** What should have been cited: selected in the pane's text, or pasted, with its document. */
export function Expected({ value, onChange }: Props) {
  const [taken, setTaken] = useState<{ title: string; quote: string } | null>(null);
  return (
    <fieldset className="expected">
      <legend>{told.expected}</legend>
      {taken !== null && value !== null ? (
        <>
          <p>{told.taken(taken.title)}</p>
          <blockquote className="footnote-quote">{taken.quote}</blockquote>
          <button
            type="button"
            className="quiet"
            onClick={() => {
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
  const { data } = useQuery({
    queryKey: ["text", document_id, version_id],
    queryFn: () => sources.text(api, { document_id, version_id }),
    enabled: selected !== null,
  });
  if (selected === null || data === undefined) return <p className="muted">{told.nothingSelected}</p>;
  const found = locate(data.text, selected.text, selected.before);
  if (found === null) return <p className="muted">{told.nothingSelected}</p>;
  const quote = new CodePoints(data.text).slice(found.start, found.end);
  return (
    <>
      <blockquote className="footnote-quote">{quote}</blockquote>
      <button
        type="button"
        className="secondary"
        onClick={() => onTake({ document_id, version: data.version_id, ...found }, data.title, quote)}
      >
        {told.fromPane(data.title)}
      </button>
    </>
  );
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
