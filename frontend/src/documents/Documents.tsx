import { useCallback, useEffect, useState } from "react";
import type { Api } from "../client/api";
import { Problem } from "../client/problem";
import type { DocumentSummary, Me } from "../client/types";
import { Jobs } from "../jobs/Jobs";
import type { Source } from "../source/SourcePanel";
import { ProblemNotice } from "../ui/ProblemNotice";
import { DeleteDialog } from "./DeleteDialog";
import { DeletedDocuments } from "./DeletedDocuments";
import { DocumentRow } from "./DocumentRow";
import { UploadForm } from "./UploadForm";
import type { UploadState } from "./useUpload";

interface Props {
  api: Api;
  me: Me;
  upload: UploadState;
  onRead: (source: Source) => void;
}

/** What this person may read; with the scope `write` also adding, and deleting and restoring what they may change. */
export function Documents({ api, me, upload, onRead }: Props) {
  const [documents, setDocuments] = useState<DocumentSummary[] | null>(null);
  const [deleted, setDeleted] = useState<DocumentSummary[]>([]);
  const [recycleDays, setRecycleDays] = useState(0);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [deleting, setDeleting] = useState<DocumentSummary | null>(null);
  const mayWrite = me.scopes.includes("write") || me.scopes.includes("admin");

  const load = useCallback(async () => {
    setProblem(null);
    try {
      const found = await api.documents();
      setDocuments(found.documents);
      setRecycleDays(found.recycle_days);
      if (mayWrite) setDeleted((await api.deletedDocuments()).documents);
    } catch (error) {
      setProblem(Problem.from(error));
    }
  }, [api, mayWrite]);
  useEffect(() => void load(), [load]);

  return (
    <main className="documents" aria-labelledby="documents-title">
      <div className="wide-column">
        <h1 id="documents-title">Documents</h1>
        <p className="lead">What you may read, and what your answers are drawn from.</p>
        {mayWrite && <UploadForm upload={upload} me={me} />}
        {mayWrite && <Jobs api={api} handedIn={upload.handedIn} onSearchable={load} />}
        {problem !== null && <ProblemNotice problem={problem} onRetry={load} />}
        {documents === null && problem === null && <p role="status">Loading…</p>}
        {documents?.length === 0 && <p className="muted">There is no document that you may read yet.</p>}
        {documents !== null && documents.length > 0 && (
          <table className="document-table">
            <caption>{documents.length === 1 ? "1 document" : `${documents.length} documents`}</caption>
            <thead>
              <tr>
                <th scope="col">Document</th>
                <th scope="col">Version</th>
                <th scope="col">Date</th>
                <th scope="col">Readable by</th>
                <th scope="col">
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {documents.map((document) => (
                <DocumentRow
                  key={document.document_id}
                  document={document}
                  onRead={onRead}
                  onDelete={document.may_change ? () => setDeleting(document) : undefined}
                />
              ))}
            </tbody>
          </table>
        )}
        {deleted.length > 0 && <DeletedDocuments api={api} documents={deleted} onRestored={load} />}
      </div>
      {deleting !== null && (
        <DeleteDialog
          api={api}
          document={deleting}
          recycleDays={recycleDays}
          onDeleted={load}
          onClose={() => setDeleting(null)}
        />
      )}
    </main>
  );
}
