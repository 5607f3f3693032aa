import type { Note, Searched } from "../client/types";

/** How many sentences a reader does not get to see, and why. */
export function withheldLine(count: number): string {
  const withheld = count === 1 ? "1 sentence was withheld" : `${count} sentences were withheld`;
  return `${withheld}: ${count === 1 ? "it" : "they"} did not pass the check against the documents.`;
}

/** What was searched, of the documents that the reader may read. */
export function searchedLine({ query, documents, passages }: Searched): string {
  if (passages === 0) return `Searched for “${query}”; nothing came up in the documents that you may read.`;
  const found = `${passages} ${passages === 1 ? "passage" : "passages"}`;
  return `Searched for “${query}” and looked at ${found} of ${documents} ${documents === 1 ? "document" : "documents"}.`;
}

/** How a sentence came about; empty if it is simply what was written and cited. */
export const NOTES: Record<Note, string> = {
  "": "",
  quoted: "quoted from its source",
  moved: "source corrected",
  conflict: "sources differ",
};
