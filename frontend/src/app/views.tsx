import { Problem } from "../client/problem";
import { words } from "../strings";
import { ProblemNotice } from "../ui/ProblemNotice";
import { useTitle } from "./title";

/** An address that leads nowhere. */
export function NotThere() {
  useTitle(words.shell.notThere);
  return (
    <main className="view" id="main" tabIndex={-1}>
      <div className="wide-column">
        <h1>{words.shell.notThere}</h1>
        <p className="lead">{words.shell.notThereWhat}</p>
      </div>
    </main>
  );
}

/** A view that broke; the header stays, so that another one can be chosen. */
export function Failed({ error }: { error: unknown }) {
  useTitle(words.shell.failed);
  return (
    <main className="view" id="main" tabIndex={-1}>
      <div className="wide-column">
        <h1>{words.shell.failed}</h1>
        <ProblemNotice problem={Problem.from(error)} onRetry={() => location.reload()} />
      </div>
    </main>
  );
}
