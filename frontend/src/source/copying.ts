import { type Place, writePlace } from "../app/places";
import { placeOf } from "../documents/reading";
import { words } from "../strings";
import type { Shown } from "./useShown";

/** An address that opens this place again, for whoever may read it then. */
export function linkTo(place: Place): string {
  return `${location.origin}${location.pathname}#/?source=${writePlace(place)}`;
}

/** The quoted words, where they stand, and an address that opens them. */
export function referenceOf({ quote, title, sectionPath, where, document, known }: Shown, link: string): string {
  const version = document.standing?.shown.version ?? known?.citation.version ?? 0;
  const parts = [title, ...sectionPath.slice(-1), placeOf(where), version > 0 ? words.source.version(version).toLowerCase() : ""];
  return `${words.source.reference(quote, parts.filter(Boolean).join(", "))}\n${link}`;
}

/** Whether the browser let it be copied: over plain HTTP from another machine it does not. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
