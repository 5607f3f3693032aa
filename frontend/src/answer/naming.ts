import type { Citation, Sentence } from "../client/types";
import { words } from "../strings";

const LONGEST = 36; // characters of a title in a chip
const told = words.answers.source;
const NUMBERED = /^\s*(?:(?:clause|section|article|§+)\s*)?(\d+(?:\.\d+)*)\b(?!\s*(?:%|per cent))/i;
const NAMED = /^\s*((?:schedule|annex|appendix|exhibit|part|chapter)\s+(?:\d+|[a-z]|[ivx]+)\b)/i;
const CLAUSE = /^\s*(\d+(?:\.\d+)+)\.?\s+\p{Lu}/u;

type Place = Pick<Citation, "page" | "page_label" | "cell">;

/** The clause, schedule or section that a citation stands in, as its document numbers it; "" where it has no number. */
export function clauseOf({ quote, section_path }: Pick<Citation, "quote" | "section_path">): string {
  const heading = section_path.at(-1) ?? "";
  const section = NAMED.exec(heading)?.[1] ?? NUMBERED.exec(heading)?.[1] ?? "";
  const own = CLAUSE.exec(quote)?.[1] ?? "";
  if (own !== "" && (section === "" || own.startsWith(`${section}.`))) return own;
  return section;
}

/** Where it stands, shortly: the cell, or the page as it is printed. */
export function shortPlace({ cell, page, page_label }: Place): string {
  if (cell !== "") return cell;
  return page === null ? "" : told.page(page_label === "" ? String(page) : page_label);
}

/** The title of each document by its id, as short as it can be and still be told from those of the others. */
export function shortTitles(citations: Pick<Citation, "document_id" | "title">[]): Map<string, string> {
  const titles = new Map(citations.map(({ document_id, title }) => [document_id, title]));
  const steps = [(title: string) => cut(head(title)), (title: string) => cut(bare(title)), cut, (title: string) => title];
  return new Map(
    [...titles].map(([id, title]) => {
      const others = [...titles].filter(([other]) => other !== id).map(([, other]) => other);
      const short = steps.find((step) => !others.some((other) => step(other) === step(title))) ?? cut;
      return [id, short(title)];
    }),
  );
}

/** What a chip says of its citation. `full`: title, clause and place; `shown`: less, where that was said just before. */
export interface ChipName {
  full: string;
  /** Title, clause and place; clause and place alone; or "": the number says enough. */
  shown: string;
  /** The title, where `shown` leaves it out. */
  title: string;
}

/**
 * The chips of each sentence, in their order: what was named before is a number alone, and of the document that the
 * chip before it names only the place is told.
 */
export function chipNames(sentences: Sentence[], citations: Citation[]): ChipName[][] {
  const titles = shortTitles(citations);
  const named = new Set<number>();
  let before: string | null = null;
  return sentences.map((sentence) =>
    citedBy(sentence, citations).map((citation) => {
      const title = titles.get(citation.document_id) ?? citation.title;
      const [clause, place] = [clauseOf(citation), shortPlace(citation)];
      const full = told.named(title, clause, place);
      const short = before === citation.document_id ? told.named("", clause, place) : full;
      const shown = named.has(citation.id) ? "" : short;
      before = citation.document_id;
      named.add(citation.id);
      return { full, shown, title };
    }),
  );
}

/** The citations that a sentence rests on, in its order. */
export function citedBy(sentence: Sentence, citations: Citation[]): Citation[] {
  return sentence.citations.flatMap((id) => citations.find((citation) => citation.id === id) ?? []);
}

/** The name of a chip for screen readers, which holds what is seen. */
export function spokenName({ id, warnings }: Pick<Citation, "id" | "warnings">, { full, shown, title }: ChipName): string {
  const name = shown === "" || shown === full ? told.chip(id, full) : told.chipOf(id, shown, title);
  return warnings.length > 0 ? told.unsureChip(name) : name;
}

function head(title: string): string {
  const [first = title] = bare(title).split(/\s[-–—|]\s|:\s|,\s/);
  return first.length >= 4 ? first : title;
}

function bare(title: string): string {
  return title.replace(/\s*[([][^)\]]*[)\]]\s*$/, "").trim() || title;
}

function cut(title: string): string {
  if (title.length <= LONGEST) return title;
  const words = title.slice(0, LONGEST);
  return `${words.slice(0, Math.max(words.lastIndexOf(" "), LONGEST / 2)).trim()}…`;
}
