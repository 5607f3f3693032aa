/** A place in a version of a document, as an address names it: by the version's id, or its number. Offsets are code points. */
export interface Place {
  document_id: string;
  version_id: string;
  /** The words; null where the whole document is meant. */
  span: { start: number; end: number } | null;
}

const ID = "[0-9a-f-]{36}";
const VERSION = String.raw`\d{1,9}|v_[\w-]{16}`;
const WRITTEN = new RegExp(`^(${ID})\\.(${VERSION})(?:\\.(\\d{1,9})\\.(\\d{1,9}))?$`);
const QUOTED_EARLIER = new RegExp(`^source/(${ID})/(${VERSION})/(\\d{1,9})/(\\d{1,9})$`);

/** `ID.VERSION` or `ID.VERSION.START.END`. */
export function writePlace({ document_id, version_id, span }: Place): string {
  return [document_id, version_id, ...(span === null ? [] : [span.start, span.end])].join(".");
}

/** Null if the words name no place. */
export function readPlace(words: string): Place | null {
  const found = WRITTEN.exec(words);
  return found === null ? null : placeOf(found);
}

/**
 * The path of the page for what stands after `#` in an address. Addresses that Footnote has given out stay good:
 * `#source/ID/VERSION/START/END` (the API's `url_citation`, exports), `#documents`, `#evaluation/RUN`.
 */
export function pathOf(hash: string): string {
  if (hash.startsWith("/")) return hash;
  const source = QUOTED_EARLIER.exec(hash);
  if (source !== null) {
    const place = placeOf(source);
    return place === null ? "/" : `/?source=${writePlace(place)}`;
  }
  const [view = "", run = ""] = hash.split("/");
  if (view === "documents") return "/documents";
  if (view === "evaluation") return `/admin/evaluation${run === "" ? "" : `/${run}`}`;
  return "/";
}

function placeOf(found: RegExpExecArray): Place | null {
  const [, document_id = "", version_id = "", start, end] = found;
  if (start === undefined) return { document_id, version_id, span: null };
  const span = { start: Number(start), end: Number(end) };
  return span.start < span.end ? { document_id, version_id, span } : null;
}
