import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useSigned } from "../app/context";
import { useTitle } from "../app/title";
import { Problem } from "../client/problem";
import { listReviews, type Review } from "../client/reviews";
import "../styles/reviews.css";
import "../styles/tabs.css";
import { words } from "../strings";
import { formatDate, formatMoment } from "../ui/format";
import { useVisible } from "../ui/hooks";
import { ProblemNotice } from "../ui/ProblemNotice";
import { nameOf } from "./figures";
import { Progress } from "./Progress";

/** Else a link is current for all that lies below it, whatever it says itself. */
const EXACT = { exact: true };
const said = words.reviews;
const LOOK_MS = 4000;

/** One's own reviews, and what others share: newest first, with how far each is. */
export function Reviews() {
  useTitle(said.title);
  const { of = "" } = useSearch({ strict: false }) as { of?: string };
  const shared = of === "shared";
  const { reviews, problem, pending, more, busy, retry } = useReviews(shared);
  return (
    <main className="view reviews" id="main" tabIndex={-1} aria-labelledby="reviews-title">
      <div className="wide-column">
        <div className="reviews-head">
          <h1 id="reviews-title">{said.title}</h1>
          <Link to="/reviews/new" className="button primary">
            {said.make}
          </Link>
        </div>
        <p className="lead">{said.lead}</p>
        <nav className="tabs" aria-label={said.lists}>
          <TabLink of="" name={said.own} current={!shared} />
          <TabLink of="shared" name={said.shared} current={shared} />
        </nav>
        {problem !== null && <ProblemNotice problem={problem} onRetry={retry} />}
        {pending && <p role="status">{words.ui.loading}</p>}
        {!pending && problem === null && reviews.length === 0 && (
          <p className="muted reviews-none">{shared ? said.noneShared : said.none}</p>
        )}
        {reviews.length > 0 && <List reviews={reviews} shared={shared} />}
        {more !== null && (
          <button type="button" className="secondary more" disabled={busy} onClick={more}>
            {busy ? words.ui.loading : said.more}
          </button>
        )}
      </div>
    </main>
  );
}

function TabLink({ of, name, current }: { of: string; name: string; current: boolean }) {
  return (
    <Link to="/reviews" search={(of === "" ? {} : { of }) as never} activeProps={{}} activeOptions={EXACT} aria-current={current ? "page" : undefined}>
      {name}
    </Link>
  );
}

function List({ reviews, shared }: { reviews: Review[]; shared: boolean }) {
  return (
    <ul className="review-list">
      {reviews.map((review) => (
        <li key={review.id}>
          <div className="review-name">
            <h2>
              <Link to="/reviews/$id" params={{ id: review.id } as never}>
                {review.title}
              </Link>
            </h2>
            <p className="muted">{aboutOf(review, shared).join(" · ")}</p>
          </div>
          <p className="review-status" data-state={review.status}>
            {said.status[review.status]}
          </p>
          <Progress review={review} />
        </li>
      ))}
    </ul>
  );
}

export function aboutOf(review: Review, shared: boolean): string[] {
  return [
    shared ? said.owner(nameOf(review.owner)) : "",
    said.size(review.documents, review.questions.length),
    said.begun(formatMoment(review.created_at)),
    review.as_of === null ? "" : said.asOf(formatDate(review.as_of)),
    review.live ? said.live : "",
    review.strictness === "strict" ? said.strict : "",
    review.shares.length > 0 ? said.sharedWith(review.shares.length) : "",
  ].filter(Boolean);
}

/** The list, looked at again while something of it runs. */
function useReviews(shared: boolean) {
  const { api } = useSigned();
  const visible = useVisible();
  const list = useInfiniteQuery({
    queryKey: ["reviews", "list", shared],
    queryFn: ({ pageParam, signal }) => listReviews(api, shared, pageParam, signal),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchOnMount: "always",
    refetchInterval: ({ state }) =>
      visible && state.data?.pages.some(({ reviews }) => reviews.some(({ status }) => status === "running")) ? LOOK_MS : false,
  });
  return {
    reviews: list.data?.pages.flatMap(({ reviews }) => reviews) ?? [],
    problem: list.error === null ? null : Problem.from(list.error),
    pending: list.isPending,
    busy: list.isFetchingNextPage,
    more: list.hasNextPage ? () => void list.fetchNextPage() : null,
    retry: () => void list.refetch(),
  };
}
