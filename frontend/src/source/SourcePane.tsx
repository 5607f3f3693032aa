import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useSigned } from "../app/context";
import type { Place } from "../app/places";
import { useSource } from "../app/source";
import { CodePoints } from "../codePoints";
import { type Source, SourcePanel } from "./SourcePanel";

/** The pane beside the view: the place that the address names, with what the view knows of it as a citation. */
export default function SourcePane({ place, modal }: { place: Place; modal: boolean }) {
  const { api } = useSigned();
  const { cited, close, open } = useSource();
  const { document_id, version_id, span } = place;
  const known = cited.find(
    ({ citation }) =>
      citation.document_id === document_id &&
      citation.version_id === version_id &&
      citation.start === span?.start &&
      citation.end === span.end,
  )?.citation;
  const text = useQuery({
    queryKey: ["text", document_id, version_id],
    queryFn: () => api.documentText(document_id, version_id),
    enabled: known === undefined,
  });
  const source = useMemo<Source>(() => {
    if (known !== undefined) return { ...known, quote: known };
    const found = text.data;
    const quote =
      found === undefined || span === null
        ? null
        : { ...span, quote: new CodePoints(found.text).slice(span.start, span.end), warnings: [] };
    const at = { document_id, version: found?.version ?? 0, version_id, section_path: [], page: null };
    return { ...at, title: found?.title ?? "Source", source: "", quote };
  }, [known, text.data, document_id, version_id, span]);
  if (known === undefined && text.isPending) return <section className="source" aria-busy="true" aria-label="Opening the document…" />;
  return (
    <SourcePanel
      api={api}
      source={source}
      modal={modal}
      onClose={close}
      onOpen={({ quote }) => open({ document_id, version_id, span: quote && { start: quote.start, end: quote.end } })}
    />
  );
}
