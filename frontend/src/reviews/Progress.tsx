import type { Review } from "../client/reviews";
import { countsLine, ORDER, progressLine } from "./figures";

/** How far a review is: a bar of its states, and the same in words. */
export function Progress({ review, plain = false }: { review: Pick<Review, "cells" | "counts">; plain?: boolean }) {
  return (
    <div className="review-progress">
      <div className="review-bar" aria-hidden="true">
        {ORDER.map((state) => {
          const share = review.cells === 0 ? 0 : (review.counts[state] ?? 0) / review.cells;
          return share === 0 ? null : <span key={state} data-state={state} style={{ flexGrow: share }} />;
        })}
      </div>
      <p className="review-counts">
        <span className="review-done">{progressLine(review)}</span>
        {!plain && <span className="muted">{countsLine(review)}</span>}
      </p>
    </div>
  );
}
