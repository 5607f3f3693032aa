import type { Api } from "../client/api";

const PDF = "application/pdf";
const KEEP_MS = 60_000;

export interface Original {
  document_id: string;
  version_id: string;
  source: string;
  media_type: string;
  page: number | null;
}

/**
 * A PDF opens in a new tab at the cited page; anything else is saved as a file. The bytes need the token, so they
 * go through a blob: URL, which shares this page's origin: a document must never run there, and HTML would.
 */
export async function openOriginal(api: Api, original: Original): Promise<void> {
  if (original.media_type !== PDF) {
    save(await api.original(original.document_id, original.version_id), original.source);
    return;
  }
  // Opened within the click, because a browser blocks a tab that opens after a slow answer.
  const tab = window.open("about:blank", "_blank");
  try {
    const bytes = await api.original(original.document_id, original.version_id);
    const url = shortLivedUrl(new Blob([bytes], { type: PDF }));
    if (tab === null) return;
    tab.opener = null;
    tab.location.replace(original.page === null ? url : `${url}#page=${original.page}`);
  } catch (error) {
    tab?.close();
    throw error;
  }
}

function save(bytes: Blob, source: string) {
  const link = document.createElement("a");
  link.href = shortLivedUrl(bytes);
  link.download = source.split("/").at(-1) ?? "document";
  link.click();
}

function shortLivedUrl(bytes: Blob): string {
  const url = URL.createObjectURL(bytes);
  setTimeout(() => URL.revokeObjectURL(url), KEEP_MS);
  return url;
}
