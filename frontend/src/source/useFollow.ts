import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { useSigned } from "../app/context";
import { type Place, writePlace } from "../app/places";
import { useSource } from "../app/source";
import { type Compared, sources, type Version } from "../client/sources";
import type { Span } from "./layout";
import { putInPlace, sameWords } from "./sameWords";
import { textKey } from "./useDocument";

const AT_ONCE = 1000;

/** What became of words in the version that was gone to: the same, others in their place, none, or nobody knows. */
export type Became = "same" | "changed" | "gone" | "unknown";

export interface Following {
  /** Opens another version of the document where the words of the place stand in it. */
  follow: (version: Version) => void;
  /** The number of the version in which the words are being looked for. */
  looking: number | null;
  /** What became of the words, as long as the place is shown that was gone to. */
  became: { what: Became; version: number } | null;
}

/** The way from the words of one version to the same words of another. */
export function useFollow(place: Place): Following {
  const { api } = useSigned();
  const { open } = useSource();
  const client = useQueryClient();
  const { document_id } = place;

  async function found(span: Span, version: Version): Promise<{ what: Became; span: Span | null }> {
    const [from, to] = [place, { document_id, version_id: version.version_id }];
    const read = { staleTime: Number.POSITIVE_INFINITY };
    const [old, now] = await Promise.all([
      client.fetchQuery({ ...read, queryKey: ["source", document_id, "near", from.version_id, span.start, span.end], queryFn: () => sources.textAround(api, from, span) }),
      client.fetchQuery({ ...read, queryKey: textKey(to), queryFn: () => sources.text(api, to) }),
    ]);
    const same = sameWords(old, span, now);
    if (same !== null) return { what: same.same ? "same" : "changed", span: same.span };
    const place_ = await inPlace(span, to.version_id);
    if (place_ === undefined) return { what: "unknown", span: null };
    return { what: place_ === null ? "gone" : "changed", span: place_ };
  }

  async function inPlace(span: Span, version_id: string): Promise<Span | null | undefined> {
    for (let offset: number | null = 0; offset !== null; ) {
      const part: Compared = await sources.compare(api, place, { document_id, version_id }, [], offset, AT_ONCE);
      const told = putInPlace(part.differences, span);
      if (told !== undefined) return told;
      offset = part.next;
    }
    return undefined;
  }

  const following = useMutation({
    mutationFn: async (version: Version) => {
      const { span } = place;
      // Where the words cannot be looked for, the version is opened all the same, and it is said.
      const { what, span: there } =
        span === null ? { what: null, span: null } : await found(span, version).catch(() => ({ what: "unknown" as const, span: null }));
      return { what, version: version.version, place: { document_id, version_id: version.version_id, span: there } };
    },
  });
  const shown = useRef(place);
  shown.current = place;
  // Who has gone on to something else meanwhile stays there.
  const follow = (version: Version) =>
    following.mutate(version, { onSuccess: (gone) => void (shown.current === place && open(gone.place)) });
  const { data, isPending, variables } = following;
  const here = data !== undefined && data.what !== null && writePlace(data.place) === writePlace(place);
  return {
    follow,
    looking: isPending && place.span !== null ? variables.version : null,
    became: here && data.what !== null ? { what: data.what, version: data.version } : null,
  };
}
