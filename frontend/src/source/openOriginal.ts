import type { Api } from "../client/api";
import { sources } from "../client/sources";
import { save } from "../ui/save";

const PDF = "application/pdf";
const KEEP_MS = 60_000;

export interface Original {
  document_id: string;
  version_id: string;
  /** What the file is called; "" where that is not known, and then by its title. */
  source: string;
  title: string;
  media_type: string;
  page: number | null;
}

/**
 * A PDF opens in a new tab at the cited page; anything else is saved as a file. The bytes need the token, so they
 * go through a blob: URL, which shares this page's origin: a document must never run there, and HTML would.
 */
export async function openOriginal(api: Api, original: Original): Promise<void> {
  if (original.media_type !== PDF) {
    save(await sources.original(api, original), original.source.split("/").at(-1) || original.title || "document");
    return;
  }
  // Opened within the click, because a browser blocks a tab that opens after a slow answer.
  const tab = window.open("about:blank", "_blank");
  try {
    const bytes = await sources.original(api, original);
    const url = shortLivedUrl(new Blob([bytes], { type: PDF }));
    if (tab === null) return;
    tab.opener = null;
    tab.location.replace(original.page === null ? url : `${url}#page=${original.page}`);
  } catch (error) {
    tab?.close();
    throw error;
  }
}

function shortLivedUrl(bytes: Blob): string {
  const url = URL.createObjectURL(bytes);
  setTimeout(() => URL.revokeObjectURL(url), KEEP_MS);
  return url;
}
