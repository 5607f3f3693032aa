import type { Coverage, FileWarning, WarningKind } from "../client/types";

/** What each kind of warning is called. */
export const KINDS: Record<WarningKind, string> = {
  unread_page: "Not read",
  unread_part: "Part not read",
  uncached_formula: "Formula without a value",
  number_format: "Unknown number format",
  covered_text: "Covered words",
  hidden_text: "Hidden words",
  font_mapping: "Unreliable font",
  redline: "Changes in the text",
  low_confidence: "Unsure recognition",
  cut_table: "Incomplete table",
  encoding: "Unreadable characters",
  reading_order: "Unsure reading order",
  instruction: "Looks like an instruction",
};

/** How many pages there are and, where it is not simply the file's own text, how they were read. */
export function coverageLine({ text, ocr, unread, blank }: Coverage, pages: number | null): string {
  const total = text + ocr + unread + blank;
  if (total === 0 || total === text) return pages === null || pages === 0 ? "" : countPages(pages);
  const counts: [number, string][] = [
    [text, "text"],
    [ocr, "recognised"],
    [unread, "unread"],
    [blank, "blank"],
  ];
  const kinds = counts.filter(([count]) => count > 0).map(([count, kind]) => `${count} ${kind}`);
  return `${total - unread} of ${countPages(total)}: ${kinds.join(", ")}`;
}

/** How many things of a document need a look; empty if none does. */
export function warningBadge(warnings: FileWarning[]): string {
  if (warnings.length === 0) return "";
  return warnings.length === 1 ? "1 warning" : `${warnings.length} warnings`;
}

/** Where a warning lies, and what it says. */
export function warningLine({ kind, page, words }: FileWarning): string {
  const said = page === null || new RegExp(`\\b[Pp]age ${page}\\b`).test(words);
  return `${KINDS[kind]}${said ? "" : ` (page ${page})`}: ${words}`;
}

/** Each line once, in their order. */
export function warningLines(warnings: FileWarning[]): string[] {
  return [...new Set(warnings.map(warningLine))];
}

/** Where a reader of the file finds a citation: its cell, or its page as it is printed and as it counts. */
export function placeOf(place: { page: number | null; page_label?: string; bates?: string; cell?: string }): string {
  const { page, page_label: label = "", bates = "", cell = "" } = place;
  if (cell !== "") return cell;
  if (page === null) return "";
  const printed = label === "" || label === String(page) ? `page ${page}` : `page ${label} (${page} of the file)`;
  return bates === "" ? printed : `${printed}, ${bates}`;
}

function countPages(pages: number): string {
  return pages === 1 ? "1 page" : `${pages} pages`;
}
