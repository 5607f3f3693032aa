import type { Coverage, FileWarning } from "../client/types";
import { words } from "../strings";

const told = words.documents;

/** How many pages there are and, where it is not simply the file's own text, how they were read. */
export function coverageLine({ text, ocr, unread, blank }: Coverage, pages: number | null): string {
  const total = text + ocr + unread + blank;
  if (total === 0 || total === text) return pages === null || pages === 0 ? "" : told.pages(pages);
  const counts: [number, string][] = [
    [text, told.pageKinds.text],
    [ocr, told.pageKinds.ocr],
    [unread, told.pageKinds.unread],
    [blank, told.pageKinds.blank],
  ];
  const kinds = counts.filter(([count]) => count > 0).map(([count, kind]) => `${count} ${kind}`);
  return told.read(total - unread, told.pages(total), kinds.join(", "));
}

/** How many things of a document need a look; empty if none does. */
export function warningBadge(warnings: FileWarning[]): string {
  return told.warningCount(warnings.length);
}

/** Where a warning lies, and what it says. */
export function warningLine({ kind, page, words: said }: FileWarning): string {
  const placed = page === null || new RegExp(`\\b[Pp]age ${page}\\b`).test(said);
  return `${told.warningKinds[kind]}${placed ? "" : told.onPage(page)}: ${said}`;
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
  const printed = label === "" || label === String(page) ? told.page(page) : told.pageLabelled(label, page);
  return bates === "" ? printed : `${printed}, ${bates}`;
}
