import type { Chunking } from "../client/types";
import { words } from "../strings";

/** How a document is cut, unless it is cut as most are. */
export function chunkingLine(chunking: string): string {
  if (chunking === "structure") return "";
  return words.documents.passages((words.documents.chunkings[chunking as Chunking] ?? chunking).toLowerCase());
}

/** Which media types are of which kind, as the API tells them apart (docs/api.md). */
const FORMATS: [string, RegExp][] = [
  ["pdf", /^application\/pdf$/],
  ["word", /wordprocessingml|opendocument\.text$|^application\/rtf$/],
  ["spreadsheet", /spreadsheetml|opendocument\.spreadsheet$|^text\/csv$/],
  ["presentation", /presentationml/],
  ["email", /^message\/rfc822$|^application\/vnd\.ms-outlook$|^application\/mbox$/],
  ["web page", /^text\/html$/],
  ["text", /^text\/(plain|markdown)$/],
  ["image", /^image\//],
  ["code", /^text\/x-|^text\/javascript$|^application\/sql$/],
  ["book", /^application\/epub\+zip$/],
  ["archive", /^application\/zip$/],
];

/** "Word" for a media type. */
export function kindName(mediaType: string): string {
  const kind = FORMATS.find(([, fits]) => fits.test(mediaType))?.[0] ?? "";
  return words.documents.kinds[kind] ?? words.documents.otherKind;
}

/** Of a source, the name under which whoever uploaded it can hand in another version; "" where it was not uploaded so. */
export function uploadedName(source: string, user: string): string {
  const folder = `upload/${user}/`;
  return source.startsWith(folder) ? source.slice(folder.length) : "";
}
