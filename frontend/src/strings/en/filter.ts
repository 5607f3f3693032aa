import type { Filter } from "../../filter/filter";
import { formatDate } from "../../ui/format";

const count = (n: number, one: string, many: string) => `${n.toLocaleString("en-GB")} ${n === 1 ? one : many}`;

const KINDS: Record<string, string> = {
  pdf: "PDF",
  word: "Word",
  spreadsheet: "Spreadsheet",
  presentation: "Presentation",
  email: "E-mail",
  "web page": "Web page",
  text: "Text",
  image: "Image",
  book: "Book",
  code: "Code",
  archive: "Archive",
};

const STRICTNESS: Record<string, string> = {
  strict: "Strict: fewer sentences, surer ones",
};

export const filter = {
  title: "What an answer may rest on",
  open: "Narrow the search",
  asOf: "As of",
  asOfHint: "Uses the versions that were in force on this day. Empty: the newest.",
  documents: "Only these documents",
  documentsHint: "Type words of a title or a file name.",
  noDocument: "No document that you may read has these words.",
  searching: "Searching…",
  moreThan: (shown: number, total: number) => `The first ${shown} of ${total.toLocaleString("en-GB")}; type more words.`,
  chosen: "Chosen documents",
  remove: (title: string) => `Remove ${title}`,
  mostDocuments: (most: number) => `No more than ${most.toLocaleString("en-GB")} documents.`,
  kinds: "Kinds of document",
  kind: (name: string) => KINDS[name] ?? name,
  kindNames: Object.keys(KINDS),
  otherKind: "Another kind",
  otherKindHint: "Words of what it is: lease, invoice, minutes.",
  add: "Add",
  groups: "Documents of these groups",
  dates: "Date of the document",
  from: "From",
  to: "To",
  datesHint: "The day from which it holds, or else the date that it bears.",
  datesCrossed: "“From” lies after “To”.",
  strictness: "Strictness of the check",
  usual: "As set up here",
  strictnessName: (level: string) => STRICTNESS[level] ?? level,
  clear: "Clear",
  clearAll: "Clear all of it",
  only: "Only:",
  summary: summarise,
  /** The same as a line by itself. */
  line: (value: Filter) => {
    const summary = summarise(value);
    const check = summarise({ ...value, asOf: "", documents: [], kinds: [], groups: [], from: "", to: "" });
    return summary === check ? `${summary.charAt(0).toUpperCase()}${summary.slice(1)}` : `Only: ${summary}`;
  },
};

/** "3 documents; as of 1 Mar 2025"; "" where nothing is narrowed. */
function summarise({ asOf, documents, kinds, groups, from, to, strictness }: Filter): string {
  const days = from === "" ? `dated to ${formatDate(to)}` : to === "" ? `dated from ${formatDate(from)}` : `dated ${formatDate(from)} to ${formatDate(to)}`;
  return [
    documents.length === 1 && documents[0]?.title ? `“${documents[0].title}”` : documents.length > 0 ? count(documents.length, "document", "documents") : "",
    kinds.map((name) => KINDS[name] ?? name).join(", "),
    groups.length === 0 ? "" : `of ${groups.join(", ")}`,
    from === "" && to === "" ? "" : days,
    asOf === "" ? "" : `as of ${formatDate(asOf)}`,
    strictness === "" ? "" : `check: ${(STRICTNESS[strictness] ?? strictness).split(":")[0]?.toLowerCase()}`,
  ]
    .filter(Boolean)
    .join("; ");
}
