import type { DocumentText } from "../client/types";
import { CodePoints } from "../codePoints";
import type { Source } from "./SourcePanel";

/** A place in a version of a document that an address names, as the API's `url_citation` does. Offsets are code points. */
export interface Linked {
  document_id: string;
  version: number;
  start: number;
  end: number;
}

/** The place that the part of an address after `#` names: `source/ID/VERSION/START/END`; null if it names none. */
export function linkedPlace(hash: string): Linked | null {
  const found = /^source\/([0-9a-f-]{36})\/(\d{1,9})\/(\d{1,9})\/(\d{1,9})$/.exec(hash);
  if (found === null) return null;
  const [version, start, end] = found.slice(2).map(Number) as [number, number, number];
  return start < end ? { document_id: found[1] as string, version, start, end } : null;
}

/** What the panel shows of it; without the text, which may not be there to read, the panel says why. */
export function linkedSource({ document_id, version, start, end }: Linked, text: DocumentText | null): Source {
  const quote = text && { start, end, quote: new CodePoints(text.text).slice(start, end), warnings: [] };
  return { document_id, version, title: text?.title ?? "Source", source: "", section_path: [], page: null, quote };
}
