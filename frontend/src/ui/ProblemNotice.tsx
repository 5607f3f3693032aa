import { words } from "../strings";
import type { Problem } from "../client/problem";

/** A failure as the server words it, announced at once, with a way to try again where there is one. */
export function ProblemNotice({ problem, onRetry }: { problem: Problem; onRetry?: (() => void) | undefined }) {
  return (
    <div className="notice problem" role="alert">
      <p className="notice-title">{problem.title}</p>
      {problem.detail !== "" && <p>{problem.detail}</p>}
      {onRetry !== undefined && (
        <button type="button" className="secondary" onClick={onRetry}>
          {words.ui.tryAgain}
        </button>
      )}
    </div>
  );
}
