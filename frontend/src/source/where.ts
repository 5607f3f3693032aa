import type { DocumentPages, DocumentText, Version } from "../client/sources";
import type { Place } from "../app/places";

/** The headings above a place, outermost first. */
export function headingsAbove(document: DocumentText, start: number): string[] {
  const open: { title: string; level: number }[] = [];
  for (const section of document.sections) {
    if (section.start > start) break;
    while ((open.at(-1)?.level ?? 0) >= section.level) open.pop();
    open.push(section);
  }
  return open.map(({ title }) => title);
}

/** The page that a place begins on; null where there are none. */
export function pageAt(pages: DocumentPages["pages"], start: number): DocumentPages["pages"][number] | null {
  return pages.findLast((page) => page.start !== null && page.start <= start) ?? null;
}

/** Where a version stands among those of its document that the reader may open. */
export interface Standing {
  shown: Version;
  newest: Version;
  all: number;
  /** The day from which the next version held instead; "" for the newest. */
  until: string;
}

/** Null if the version is not among them: then it is none that the reader may open. `versions`: newest first. */
export function standingOf(versions: Version[], { version_id }: Pick<Place, "version_id">): Standing | null {
  const at = versions.findIndex((one) => one.version_id === version_id || String(one.version) === version_id);
  const [newest, shown, next] = [versions[0], versions[at], versions[at - 1]];
  if (newest === undefined || shown === undefined) return null;
  return { shown, newest, all: versions.length, until: next === undefined ? "" : (next.effective ?? next.added_at) };
}

const DRAWN = /\.(pdf|png|jpe?g|tiff?)$/i;

/** Whether there are pictures of its pages, as far as the name of its file tells: known before the server has said so. */
export function looksDrawn(source: string): boolean {
  return DRAWN.test(source);
}
