import { useQuery } from "@tanstack/react-query";
import { useSigned } from "../app/context";
import type { Api } from "../client/api";
import type { DocumentList } from "../client/types";
import { type Filter, isValid } from "../filter/filter";

/** How many documents a review with this filter would hold now; null where that is told only once it has begun. */
export function useHolds(filter: Filter): { documents: number | null; counting: boolean } {
  const { api } = useSigned();
  const chosen = filter.documents.length;
  const { asOf, kinds, groups, from, to } = filter;
  const narrowed = kinds.length > 0 || groups.length > 0 || from !== "" || to !== "";
  const listed = asOf === "" && chosen === 0 && isValid(filter);
  const count = useQuery({
    queryKey: ["reviews", "holds", kinds, groups, from, to],
    queryFn: ({ signal }) => countDocuments(api, filter, signal),
    enabled: listed,
  });
  if (listed) return { documents: count.data ?? null, counting: count.isPending };
  return { documents: asOf !== "" || narrowed ? null : chosen, counting: false };
}

async function countDocuments(api: Api, { kinds, groups, from, to }: Filter, signal: AbortSignal): Promise<number> {
  const asked = new URLSearchParams({ limit: "1", ...(from !== "" && { from }), ...(to !== "" && { to }) });
  for (const kind of kinds) asked.append("kind", kind);
  for (const group of groups) asked.append("group", group);
  return (await api.json<DocumentList>(`/v1/documents?${asked}`, { signal })).total;
}
