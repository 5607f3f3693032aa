import type { Assumed, Caution, LeftAside, Note, Searched, Why } from "../client/types";

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

/** What stands above an answer that is none. */
export const NO_ANSWER: Record<Why, string> = {
  "": "No answer",
  nothing_found: "Nothing found",
  nothing_drafted: "No answer found",
  not_supported: "No answer that passed the check",
  not_measured: "Not answered in this language",
  asked_for_more: "No answer",
};

/** Which documents ambiguous words of the question were taken to mean, a line for each of these words. */
export function assumedLines(assumed: Assumed[]): string[] {
  const words = [...new Set(assumed.map((one) => one.words))];
  return words.map((named) => {
    const meant = assumed.filter((one) => one.words === named);
    const titles = meant.map(({ title, version }) => `${title} (version ${version})`).join("; ");
    return `“${named}” fits ${meant[0]?.alternatives} documents that you may read. Taken to mean: ${titles}.`;
  });
}

/** What ingestion was unsure of in the words that are cited, and which citations they are. */
export function cautionLine({ words, citations }: Caution): string {
  return `${citations.map((id) => `[${id}]`).join(" ")} ${words}`.trim();
}

/** What was found and not used, since no answer is checked in its language; empty where there is nothing. */
export function leftAsideLine(aside: LeftAside[]): string {
  const found = aside.filter(({ passages }) => passages > 0).map(({ passages, name }) => `${passages} in ${name}`);
  if (found.length === 0) return "";
  return `Passages that were found and left aside, since answers are checked in English only: ${found.join(", ")}.`;
}

/** How a sentence came about; empty if it is simply what was written and cited. */
export const NOTES: Record<Note, string> = {
  "": "",
  quoted: "quoted from its source",
  moved: "source corrected",
  conflict: "sources differ",
};
