import type { Problem } from "../client/problem";
import { words } from "../strings";
import { useSecondsLeft } from "./useSeconds";

/**
 * A failure as the server words it, announced at once, with a way to try again where there is one: after as many seconds
 * as the server asks for.
 */
export function ProblemNotice({ problem, onRetry }: { problem: Problem; onRetry?: (() => void) | undefined }) {
  const left = useSecondsLeft(problem.retryAfter === null ? 0 : problem.at + problem.retryAfter * 1000);
  return (
    <div className="notice problem">
      <div role="alert">
        <p className="notice-title">{problem.title}</p>
        {problem.detail !== "" && <p>{problem.detail}</p>}
      </div>
      {onRetry !== undefined && (
        <button type="button" className="secondary" disabled={left > 0} onClick={onRetry}>
          {left > 0 ? words.ui.tryAgainIn(left) : words.ui.tryAgain}
        </button>
      )}
    </div>
  );
}
