import { Fragment, useEffect, useMemo, useRef } from "react";
import type { DocumentText } from "../client/types";
import { isCode, type Line, layOut, type Page, type Span } from "./layout";

/** The canonical text by pages, with the quote marked and scrolled into view. */
export function CanonicalText({ document, quote }: { document: DocumentText; quote: Span | null }) {
  const container = useRef<HTMLDivElement>(null);
  const start = quote?.start ?? null;
  const end = quote?.end ?? null;
  const code = isCode(document.media_type);
  const pages = useMemo(
    () => layOut(document, start === null || end === null ? null : { start, end }),
    [document, start, end],
  );

  useEffect(() => {
    const mark = container.current?.querySelector("mark");
    if (mark) mark.scrollIntoView({ block: "center" });
    else container.current?.scrollTo(0, 0);
  }, [pages]);

  return (
    <div ref={container} className={`source-body canonical${code ? " code" : ""}`} role="region" aria-label="Document text" tabIndex={0}>
      {pages.map((page) => (
        <PageView key={page.page} page={page} />
      ))}
    </div>
  );
}

function PageView({ page }: { page: Page }) {
  return (
    <section aria-label={page.page === null ? undefined : `Page ${page.page}`}>
      {page.page !== null && (
        <p className="page-separator" aria-hidden="true">
          Page {page.page}
          {page.label !== "" && `, printed ${page.label}`}
          {page.recognised && " (recognised from a scan)"}
        </p>
      )}
      {page.lines.map((line) => (
        <LineView key={line.start} line={line} />
      ))}
    </section>
  );
}

function LineView({ line }: { line: Line }) {
  const content = line.pieces.map((piece, index) =>
    piece.quoted ? <mark key={index}>{piece.text}</mark> : <Fragment key={index}>{piece.text}</Fragment>,
  );
  if (line.level > 0) {
    return (
      <p className={`heading level-${Math.min(line.level, 3)}`} role="heading" aria-level={Math.min(line.level + 2, 6)}>
        {content}
      </p>
    );
  }
  return <p className={line.row ? "row" : undefined}>{content}</p>;
}
