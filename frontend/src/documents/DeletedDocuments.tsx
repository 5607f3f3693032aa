import { useState } from "react";
import type { Api } from "../client/api";
import { Problem } from "../client/problem";
import type { DocumentSummary } from "../client/types";
import { formatDate } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";

interface Props {
  api: Api;
  documents: DocumentSummary[];
  onRestored: () => Promise<void>;
}

/** What was deleted and this person may bring back. */
export function DeletedDocuments({ api, documents, onRestored }: Props) {
  const [busy, setBusy] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);

  async function restore(id: string) {
    setBusy(id);
    setProblem(null);
    try {
      await api.restore(id);
      await onRestored();
    } catch (error) {
      setProblem(Problem.from(error));
    } finally {
      setBusy("");
    }
  }

  return (
    <section className="deleted" aria-labelledby="deleted-title">
      <h2 id="deleted-title">Recently deleted</h2>
      {problem !== null && <ProblemNotice problem={problem} />}
      <ul>
        {documents.map(({ document_id, title, source, deleted_at, restorable_until }) => (
          <li key={document_id}>
            <div>
              <span className="document-title">{title}</span>
              <span className="document-source">
                {source} · deleted {formatDate(deleted_at ?? "")}, gone for good on {formatDate(restorable_until ?? "")}
              </span>
            </div>
            <button
              type="button"
              className="quiet"
              aria-label={`Restore ${title}`}
              disabled={busy !== ""}
              onClick={() => restore(document_id)}
            >
              {busy === document_id ? "Restoring…" : "Restore"}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
