import { useCallback, useEffect, useRef, useState } from "react";
import type { Api } from "../client/api";
import { Problem } from "../client/problem";
import type { DocumentText, FileWarning } from "../client/types";
import { CodePoints } from "../codePoints";
import { placeOf, warningLines } from "../documents/reading";
import { ProblemNotice } from "../ui/ProblemNotice";
import { Warnings } from "../ui/Warnings";
import { CanonicalText } from "./CanonicalText";
import { Facts } from "./Facts";
import { openOriginal } from "./openOriginal";
import { PageImage } from "./PageImage";

/** What the panel shows: a version of a document, and the words cited from it (null: the whole text). */
export interface Source {
  document_id: string;
  /** As whoever reads counts versions; 0 where that is not known. */
  version: number;
  /** By which the version is asked for: numbers move when an earlier version is opened to the reader, or closed. */
  version_id: string;
  title: string;
  source: string;
  section_path: string[];
  page: number | null;
  page_label?: string;
  bates?: string;
  cell?: string;
  quote: { start: number; end: number; quote: string; warnings: FileWarning[] } | null;
}

interface Props {
  api: Api;
  source: Source;
  /** Whether the panel covers the page (narrow screens) or stands beside it. */
  modal: boolean;
  onClose: () => void;
  /** Shows another place of the document. */
  onOpen: (source: Source) => void;
}

export function SourcePanel({ api, source, modal, onClose, onOpen }: Props) {
  const panel = useRef<HTMLElement>(null);
  const { text, problem, retry } = useDocumentText(api, source);

  useEffect(() => panel.current?.focus(), [source]);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === "Escape" && document.querySelector("dialog[open]") === null) onClose();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [onClose]);

  return (
    <section
      ref={panel}
      className="source"
      role="dialog"
      aria-modal={modal}
      aria-labelledby="source-title"
      tabIndex={-1}
    >
      <header className="source-header">
        <div>
          <h2 id="source-title">{source.title}</h2>
          {source.section_path.length > 0 && <p className="source-path">{source.section_path.join(" › ")}</p>}
          <p className="source-place">
            {placeOf(source) !== "" && <span className="source-printed">{placeOf(source)}</span>}
            {source.version > 0 && <span>Version {source.version}</span>}
            <span className="source-name">{source.source}</span>
          </p>
        </div>
        <button type="button" className="quiet close" onClick={onClose} aria-label="Close source">
          <span aria-hidden="true">✕</span>
        </button>
      </header>
      {problem !== null && (
        <div className="source-body">
          <ProblemNotice problem={problem} onRetry={retry} />
          {source.quote !== null && <blockquote>{source.quote.quote}</blockquote>}
        </div>
      )}
      {text === null && problem === null && (
        <p className="source-body muted" role="status">
          Opening the document…
        </p>
      )}
      {text !== null && (
        <>
          {source.quote !== null && <QuoteCheck text={text} quote={source.quote} />}
          <SourceWarnings text={text} cited={source.quote?.warnings ?? null} />
          <Facts api={api} source={source} onOpen={onOpen} />
          <Citation api={api} source={source} text={text} />
          <OpenOriginal api={api} source={source} mediaType={text.media_type} />
        </>
      )}
    </section>
  );
}

/** The text with the quote marked; where there are pages to see, first the page as it is printed. */
function Citation({ api, source, text }: { api: Api; source: Source; text: DocumentText }) {
  const [printed, setPrinted] = useState(true);
  const [failed, setFailed] = useState<{ of: Source; problem: Problem } | null>(null);
  const onProblem = useCallback((problem: Problem) => setFailed({ of: source, problem }), [source]);
  const { page, quote } = source;
  const words = <CanonicalText document={text} quote={quote} />;

  if (page === null || quote === null || !hasPages(text.media_type)) return words;
  if (failed?.of === source) {
    return (
      <>
        <ProblemNotice problem={failed.problem} />
        {words}
      </>
    );
  }
  return (
    <>
      <div className="view-switch" role="group" aria-label="Show the citation in">
        <button type="button" className="quiet" aria-pressed={printed} onClick={() => setPrinted(true)}>
          The page
        </button>
        <button type="button" className="quiet" aria-pressed={!printed} onClick={() => setPrinted(false)}>
          Its text
        </button>
      </div>
      {printed ? <PageImage api={api} source={{ ...source, page, quote }} onProblem={onProblem} /> : words}
    </>
  );
}

/** Whether the server can draw a page of it. */
function hasPages(mediaType: string): boolean {
  return mediaType === "application/pdf" || mediaType.startsWith("image/");
}

function useDocumentText(api: Api, { document_id, version_id }: Source) {
  const [state, setState] = useState<{ text: DocumentText | null; problem: Problem | null }>({
    text: null,
    problem: null,
  });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let current = true;
    setState({ text: null, problem: null });
    api.documentText(document_id, version_id).then(
      (text) => current && setState({ text, problem: null }),
      (error: unknown) => current && setState({ text: null, problem: Problem.from(error) }),
    );
    return () => {
      current = false;
    };
  }, [api, document_id, version_id, attempt]);
  return { ...state, retry: () => setAttempt((n) => n + 1) };
}

/** Says so when the text at the recorded place is not the quote: then the citation must not be relied on. */
function QuoteCheck({ text, quote }: { text: DocumentText; quote: { start: number; end: number; quote: string } }) {
  if (new CodePoints(text.text).slice(quote.start, quote.end) === quote.quote) return null;
  return (
    <p className="notice problem" role="alert">
      The words at the recorded place differ from the quote. Do not rely on this citation.
    </p>
  );
}

/** What is unsure in the cited words, in full; of the rest of the document, behind a line. */
function SourceWarnings({ text, cited }: { text: DocumentText; cited: FileWarning[] | null }) {
  const own = warningLines(cited ?? []);
  const rest = warningLines(text.warnings).filter((line) => !own.includes(line));
  const more = `${rest.length} ${cited === null ? "" : "more "}${rest.length === 1 ? "warning" : "warnings"} on this document`;
  return (
    <>
      <Warnings title="The cited words may not be all that the file says" lines={own} />
      <Warnings title={more} lines={rest} folded />
    </>
  );
}

function OpenOriginal({ api, source, mediaType }: { api: Api; source: Source; mediaType: string }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function open() {
    setBusy(true);
    setProblem(null);
    try {
      await openOriginal(api, { ...source, media_type: mediaType });
    } catch (error) {
      setProblem(Problem.from(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <footer className="source-footer">
      {problem !== null && <ProblemNotice problem={problem} />}
      <button type="button" className="secondary" disabled={busy} onClick={open}>
        {mediaType === "application/pdf" ? "Open the original" : "Save the original"}
      </button>
    </footer>
  );
}
