import { useQuery } from "@tanstack/react-query";
import { useSigned } from "../app/context";
import { countDocuments } from "../client/reviews";
import { type Filter, isValid, toQuery } from "../filter/filter";

/** How many documents a review with this filter would hold now; null as long as that is not known. */
export function useHolds(filter: Filter): { documents: number | null; counting: boolean } {
  const { api } = useSigned();
  const asked = toQuery({ ...filter, strictness: "" });
  const count = useQuery({
    queryKey: ["reviews", "holds", asked],
    queryFn: ({ signal }) => countDocuments(api, asked, signal),
    enabled: isValid(filter),
  });
  return { documents: count.data ?? null, counting: count.isFetching };
}
