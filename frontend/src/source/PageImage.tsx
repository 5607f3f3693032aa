import { useEffect, useState } from "react";
import type { Api } from "../client/api";
import { Problem } from "../client/problem";
import { placeOf } from "../documents/reading";
import type { Source } from "./SourcePanel";

interface Props {
  api: Api;
  source: Source & { page: number; quote: NonNullable<Source["quote"]> };
  onProblem: (problem: Problem) => void;
}

/** The cited page as it is printed, the lines of the quote marked. Its address is good for minutes, and for this alone. */
export function PageImage({ api, source, onProblem }: Props) {
  const [url, setUrl] = useState<string | null>(null);
  const [shown, setShown] = useState(false);
  const { document_id, version_id, page, quote } = source;
  const { start, end } = quote;

  useEffect(() => {
    let current = true;
    setUrl(null);
    setShown(false);
    api.pageLink(document_id, { version: version_id, page, start, end }).then(
      (link) => current && setUrl(link.url),
      (error: unknown) => current && onProblem(Problem.from(error)),
    );
    return () => {
      current = false;
    };
  }, [api, document_id, version_id, page, start, end, onProblem]);

  return (
    <div className="source-body page-image" role="region" aria-label="Page of the citation" tabIndex={0}>
      {!shown && (
        <p className="muted" role="status">
          Drawing the page…
        </p>
      )}
      {url !== null && (
        <img
          src={url}
          alt={`${capital(placeOf(source))} of ${source.title}. Marked: “${quote.quote}”`}
          hidden={!shown}
          onLoad={() => setShown(true)}
          onError={() => onProblem(GONE)}
        />
      )}
    </div>
  );
}

const GONE = new Problem("The page cannot be shown", "Its picture did not come. Here is its text.", "page_not_drawn");

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
