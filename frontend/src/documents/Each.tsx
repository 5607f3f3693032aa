import type { ReactNode } from "react";
import { words } from "../strings";
import type { Failure, Progress } from "./useEach";

const SHOWN = 50;

/** How far something is that is done with each of many documents, and a way to stop it. */
export function EachProgress({ line, progress, onStop }: { line: string; progress: Progress<unknown>; onStop: () => void }) {
  const tried = progress.done.length + progress.failed.length;
  return (
    <div className="each" role="status">
      <p>{line}</p>
      {progress.total > 1 && (
        <>
          <progress aria-label={line} max={progress.total} value={tried} />
          <button type="button" className="secondary" onClick={onStop}>
            {words.documents.stop}
          </button>
        </>
      )}
    </div>
  );
}

/** Which could not be changed, and why. */
export function Failures({ failed }: { failed: Failure<{ title: string }>[] }): ReactNode {
  if (failed.length === 0) return null;
  return (
    <div className="notice problem" role="alert">
      <p className="notice-title">{words.documents.failedMany(failed.length)}</p>
      <ul className="failures">
        {failed.slice(0, SHOWN).map(({ of, problem }, at) => (
          <li key={at}>
            <strong>{of.title}</strong>: {[problem.title, problem.detail].filter(Boolean).join(". ")}
          </li>
        ))}
      </ul>
      {failed.length > SHOWN && <p>{words.documents.remove.and(failed.length - SHOWN)}</p>}
    </div>
  );
}
