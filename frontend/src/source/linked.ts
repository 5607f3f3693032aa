import type { DocumentText } from "../client/types";
import { CodePoints } from "../codePoints";
import type { Source } from "./SourcePanel";

/**
 * A place in a version of a document that an address names, as the API's `url_citation` does, by its id, or its number.
 * Offsets are code points.
 */
export interface Linked {
  document_id: string;
  version_id: string;
  start: number;
  end: number;
}

/** The place that the part of an address after `#` names: `source/ID/VERSION/START/END`; null if it names none. */
export function linkedPlace(hash: string): Linked | null {
  const found = /^source\/([0-9a-f-]{36})\/(\d{1,9}|v_[\w-]{16})\/(\d{1,9})\/(\d{1,9})$/.exec(hash);
  if (found === null) return null;
  const [document_id, version_id] = found.slice(1, 3) as [string, string];
  const [start, end] = found.slice(3).map(Number) as [number, number];
  return start < end ? { document_id, version_id, start, end } : null;
}

/** What the panel shows of it; without the text, which may not be there to read, the panel says why. */
export function linkedSource({ document_id, version_id, start, end }: Linked, text: DocumentText | null): Source {
  const quote = text && { start, end, quote: new CodePoints(text.text).slice(start, end), warnings: [] };
  const place = { document_id, version: text?.version ?? 0, version_id, section_path: [], page: null };
  return { ...place, title: text?.title ?? "Source", source: "", quote };
}
