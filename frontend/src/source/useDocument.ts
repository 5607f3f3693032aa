import { useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useEffect } from "react";
import { useSigned } from "../app/context";
import type { Place } from "../app/places";
import { type DocumentPages, type DocumentText, sources, type Version, type VersionAsked } from "../client/sources";
import { Problem } from "../client/problem";
import type { Box } from "../client/types";
import { Passage } from "./passage";
import { type Standing, standingOf } from "./where";

export interface SourceDocument {
  versions: Version[];
  standing: Standing | null;
  pages: UseQueryResult<DocumentPages>;
  /** Whole, or until that is here what is around the place; null before either, and while nobody knows yet whether it
   * may still be read. */
  text: DocumentText | null;
  /** Where the place is printed, of one that no citation names; null until it is known. */
  boxes: Box[] | null;
  /** It was deleted, or may not be read any more: nothing of it may be shown. */
  gone: boolean;
  problem: Problem | null;
  /** Asks anew whether it may be read. */
  check: () => void;
}

interface Wanted {
  /** Whether a picture is to be shown first, which the text must not delay; null: if there are pictures. */
  picture: boolean | null;
  /** Whether the text is read, so that all of it is wanted; else what is around the place. */
  reading: boolean;
  boxes: boolean;
}

/** By what the whole text of a version is remembered. */
export function textKey({ document_id, version_id }: VersionAsked): string[] {
  return ["source", document_id, "text", version_id];
}

/**
 * What the server has of a version. Its pages and words never change, so they are kept; whether it may be read is asked
 * whenever it is opened and whenever the reader comes back to the page.
 */
export function useDocument({ document_id, version_id, span }: Place, wanted: Wanted): SourceDocument {
  const { api } = useSigned();
  const client = useQueryClient();
  const of = ["source", document_id];
  const asked = { document_id, version_id };
  const versions = useQuery({
    queryKey: [...of, "versions"],
    queryFn: () => sources.versions(api, document_id),
    staleTime: 0,
    refetchOnMount: "always",
    refetchOnWindowFocus: "always",
  });
  const known = { staleTime: Number.POSITIVE_INFINITY, refetchOnWindowFocus: false } as const;
  const pages = useQuery({ queryKey: [...of, "pages", version_id], queryFn: () => sources.pages(api, asked), ...known });
  const later = wanted.picture ?? (pages.isPending || pages.data?.drawn === true);
  const kept = client.getQueryData(textKey(asked)) !== undefined;
  const near = useQuery({
    queryKey: [...of, "near", version_id, span?.start, span?.end],
    queryFn: () => sources.textAround(api, asked, span ?? { start: 0, end: 0 }),
    enabled: !later && span !== null && !kept,
    ...known,
  });
  const all = near.data !== undefined && Passage.of(near.data).whole;
  const reading = wanted.reading || pages.isError || pages.data?.drawn === false;
  const text = useQuery({
    queryKey: textKey(asked),
    queryFn: () => sources.text(api, asked),
    // The words at the place come first, and what is around them is there sooner if nothing else is asked for.
    enabled: reading && !later && !all && (kept || span === null || !near.isPending),
    ...known,
  });
  const boxes = useQuery({
    queryKey: [...of, "boxes", version_id, span?.start, span?.end],
    queryFn: () => sources.boxes(api, asked, span?.start ?? 0, span?.end ?? 0),
    enabled: wanted.boxes && span !== null,
    ...known,
  });

  const { refetch } = versions;
  useEffect(() => void refetch({ cancelRefetch: false }), [refetch, version_id, span]);
  useEffect(() => {
    // Back from another window: the query itself is asked anew only when the tab had been hidden.
    const ask = () => void refetch({ cancelRefetch: false });
    addEventListener("focus", ask);
    return () => removeEventListener("focus", ask);
  }, [refetch]);

  const standing = versions.data === undefined ? null : standingOf(versions.data, { version_id });
  const refused = [versions, near, text].some(({ error }) => error !== null && Problem.from(error).status === 404);
  const gone = refused || (versions.data !== undefined && standing === null);
  useEffect(() => {
    if (!gone) return;
    for (const kind of ["pages", "near", "text", "boxes"]) client.removeQueries({ queryKey: ["source", document_id, kind] });
  }, [gone, client, document_id]);

  const failed = versions.error ?? near.error ?? text.error;
  // What was kept of a document is not shown before its reader was found to be one still.
  const allowed = versions.isSuccess && versions.isFetchedAfterMount;
  return {
    versions: versions.data ?? [],
    standing,
    pages,
    text: allowed ? (text.data ?? near.data ?? null) : null,
    boxes: wanted.boxes ? (boxes.data ?? null) : [],
    gone,
    problem: gone || failed === null ? null : Problem.from(failed),
    check: () => {
      void refetch();
      for (const one of [near, text]) if (one.isError) void one.refetch();
    },
  };
}
