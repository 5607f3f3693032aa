import type { Chunking, DocumentSort } from "../client/types";

/** The orders of the list. */
export const SORTS: { sort: DocumentSort; order: "asc" | "desc"; words: string }[] = [
  { sort: "source", order: "asc", words: "By file" },
  { sort: "title", order: "asc", words: "By title" },
  { sort: "updated_at", order: "desc", words: "Last changed first" },
  { sort: "added_at", order: "desc", words: "Last added first" },
  { sort: "date", order: "desc", words: "Newest date first" },
  { sort: "bytes", order: "desc", words: "Largest first" },
];

/** How many documents a list has, of which so many are shown. */
export function countLine(shown: number, total: number): string {
  const all = total === 1 ? "1 document" : `${total.toLocaleString("en")} documents`;
  return shown < total ? `${all}, ${shown.toLocaleString("en")} shown` : all;
}

/** The ways in which a text is cut into the passages that are searched (docs/chunking.md). */
export const CHUNKINGS: Record<Chunking, string> = {
  structure: "Sections and paragraphs",
  "small-to-big": "Single sentences, in context",
  semantic: "By subject",
  recursive: "Of even length",
  code: "Functions and classes",
  "structure+summary": "Sections and paragraphs, with a summary",
  "small-to-big+summary": "Single sentences, with a summary",
  "semantic+summary": "By subject, with a summary",
  "recursive+summary": "Of even length, with a summary",
  "code+summary": "Functions and classes, with a summary",
};

/** How a document is cut, unless it is cut as most are. */
export function chunkingLine(chunking: string): string {
  if (chunking === "structure") return "";
  return `Passages: ${(CHUNKINGS[chunking as Chunking] ?? chunking).toLowerCase()}`;
}

/** What becomes of a document that is deleted. */
export function keptFor(days: number): string {
  if (days === 0) return "This cannot be undone.";
  return `It can be restored for ${days === 1 ? "one day" : `${days} days`}.`;
}
