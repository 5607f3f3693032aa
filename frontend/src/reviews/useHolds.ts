import { useQuery } from "@tanstack/react-query";
import { useSigned } from "../app/context";
import type { Api } from "../client/api";
import type { DocumentList } from "../client/types";
import type { Filter } from "../filter/filter";

/** How many documents a review with this filter would hold now; null where that is told only once it has begun. */
export function useHolds(filter: Filter): { documents: number | null; counting: boolean } {
  const { api } = useSigned();
  const chosen = filter.documents.length;
  const dated = filter.asOf !== "" || filter.from !== "" || filter.to !== "";
  const narrowed = filter.kinds.length > 0 || filter.groups.length > 0;
  const listed = !dated && chosen === 0;
  const count = useQuery({
    queryKey: ["reviews", "holds", filter.kinds, filter.groups],
    queryFn: ({ signal }) => countDocuments(api, filter, signal),
    enabled: listed,
  });
  if (listed) return { documents: count.data ?? null, counting: count.isPending };
  return { documents: dated || narrowed ? null : chosen, counting: false };
}

async function countDocuments(api: Api, { kinds, groups }: Filter, signal: AbortSignal): Promise<number> {
  const asked = new URLSearchParams({ limit: "1" });
  for (const kind of kinds) asked.append("kind", kind);
  for (const group of groups) asked.append("group", group);
  return (await api.json<DocumentList>(`/v1/documents?${asked}`, { signal })).total;
}
