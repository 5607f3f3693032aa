import { Link } from "@tanstack/react-router";
import { useTitle } from "../app/title";
import { words } from "../strings";

/** Where administrators and auditors begin. */
export function Admin() {
  useTitle(words.shell.administration);
  return (
    <main className="view" id="main" tabIndex={-1} aria-labelledby="admin-title">
      <div className="wide-column">
        <h1 id="admin-title">{words.shell.administration}</h1>
        <Link to="/admin/evaluation">Evaluation</Link>
      </div>
    </main>
  );
}
