import type { Answer, Assumed, Caution, Citation, LeftAside, Searched, Sentence } from "../client/types";
import { words } from "../strings";

const told = words.answers;

/** How many sentences a reader does not get to see, and why. */
export const withheldLine = told.answer.withheld;

/** What was searched, of the documents that the reader may read. */
export function searchedLine({ query, documents, passages }: Searched): string {
  return passages === 0 ? told.noAnswer.nothingCameUp(query) : told.noAnswer.cameUp(query, passages, documents);
}

/** Which documents ambiguous words of the question were taken to mean, a line for each of these words. */
export function assumedLines(assumed: Assumed[]): string[] {
  const named = [...new Set(assumed.map((one) => one.words))];
  return named.map((name) => {
    const meant = assumed.filter((one) => one.words === name);
    const titles = meant.map(({ title, version }) => told.answer.titled(title, version));
    return told.answer.assumed(name, meant[0]?.alternatives ?? 0, titles);
  });
}

/** What ingestion was unsure of in the words that are cited, and which citations they are. */
export function cautionLine({ words: said, citations }: Caution): string {
  return `${citations.map((id) => `[${id}]`).join(" ")} ${said}`.trim();
}

/** What was found and not used, since no answer is checked in its language; empty where there is nothing. */
export function leftAsideLine(aside: LeftAside[]): string {
  const found = aside.filter(({ passages }) => passages > 0).map(({ passages, name }) => told.answer.inLanguage(passages, name));
  return found.length === 0 ? "" : told.answer.leftAside(found);
}

/** What has to be known of an answer besides what it says: what it took words to mean, what was left aside or withheld. */
export function asideLines(answer: Pick<Answer, "abstention" | "assumed" | "left_aside" | "withheld" | "strictness">): string[] {
  const { abstention, assumed, left_aside, withheld, strictness } = answer;
  const aside = abstention === null ? leftAsideLine(left_aside) : "";
  return [...assumedLines(assumed), aside, withheld > 0 ? withheldLine(withheld, strictness === "strict") : ""].filter(Boolean);
}

/** What stands in the place of an answer, which decides what is said above it. */
export type NoAnswerKind = "nothing" | "passages" | "failed" | "failedOver" | "language";

/** Never denies what is shown: only where no passage stands below was nothing found. */
export function noAnswerKind({ why, abstention }: Pick<Answer, "why" | "abstention">): NoAnswerKind {
  const passages = (abstention?.nearest.length ?? 0) > 0;
  if (why === "not_measured") return "language";
  if (why === "not_supported") return passages ? "failedOver" : "failed";
  return passages ? "passages" : "nothing";
}

/** What is said of an answer that there is none of, a paragraph each. */
export function noAnswerLines(answer: Pick<Answer, "why" | "abstention" | "answer">): string[] {
  const { abstention } = answer;
  const kind = noAnswerKind(answer);
  // Of passages that may answer, the server's line says that they do not seem to: the reader is to judge.
  const said = kind === "passages" ? told.noAnswer.readThem : answer.answer;
  return [told.noAnswer[kind], said, abstention === null ? "" : searchedLine(abstention.searched)].filter(Boolean);
}

/** Whether a quoted sentence is a row of a table put together with the names of its columns: no words of the source. */
export function isTableRow({ note, text }: Sentence, cited: Citation[]): boolean {
  return note === "quoted" && !cited.some(({ quote }) => plain(quote).includes(plain(text)));
}

function plain(text: string): string {
  return text.replace(/\s+/g, "").toLowerCase();
}

const SURE = 0.9; // of the gate's support, in [0, 1]

/** How a sentence stands to a quote that it cites, in words: never a number alone. */
export function supportLine(sentence: Sentence, cited: Citation[]): string {
  const { support } = told.source;
  if (sentence.note === "conflict") return support.differ;
  if (sentence.note === "quoted") return isTableRow(sentence, cited) ? support.table : support.quoted;
  const together = cited.length > 1;
  if (sentence.support >= SURE) return together ? support.fullTogether : support.full;
  return together ? support.lessTogether : support.less;
}

/** The same for a table of checks. */
export function verdictWords({ verdict, support }: Sentence): string {
  return verdict === "entailed" ? told.why.supported[support >= SURE ? "full" : "less"] : verdict;
}
