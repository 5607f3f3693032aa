import { useCallback, useEffect, useState } from "react";
import { Problem } from "../client/problem";
import { carries, useSigned } from "../app/context";
import { useSource } from "../app/source";
import { useTitle } from "../app/title";
import type { DocumentSummary } from "../client/types";
import { Jobs } from "../jobs/Jobs";
import { words } from "../strings";
import { ProblemNotice } from "../ui/ProblemNotice";
import { DeleteDialog } from "./DeleteDialog";
import { DeletedDocuments } from "./DeletedDocuments";
import { DocumentRow } from "./DocumentRow";
import { ListControls } from "./ListControls";
import { UploadForm } from "./UploadForm";
import { type ListAsked, useDocuments } from "./useDocuments";
import { useUploadState } from "./useUpload";
import { countLine } from "./words";

/** What this person may read; with the scope `write` also adding, and deleting and restoring what they may change. */
export function Documents() {
  useTitle(words.shell.documents);
  const { api, me } = useSigned();
  const upload = useUploadState();
  const { open, close, place } = useSource();
  const [asked, setAsked] = useState<ListAsked>({ words: "", sort: "source", order: "asc" });
  const { list, problem, busy, load: loadList, more } = useDocuments(api, asked);
  const [deleted, setDeleted] = useState<DocumentSummary[]>([]);
  const [binProblem, setBinProblem] = useState<Problem | null>(null);
  const [deleting, setDeleting] = useState<DocumentSummary | null>(null);
  const mayWrite = carries(me, "write");

  const loadDeleted = useCallback(async () => {
    setBinProblem(null);
    try {
      if (mayWrite) setDeleted((await api.deletedDocuments()).documents);
    } catch (error) {
      setBinProblem(Problem.from(error));
    }
  }, [api, mayWrite]);
  useEffect(() => void loadDeleted(), [loadDeleted]);
  const load = useCallback(async () => {
    await Promise.all([loadList(), loadDeleted()]);
  }, [loadList, loadDeleted]);

  const failed = problem ?? binProblem;
  const documents = list?.documents ?? [];
  return (
    <main className="documents" id="main" tabIndex={-1} aria-labelledby="documents-title">
      <div className="wide-column">
        <h1 id="documents-title">Documents</h1>
        <p className="lead">What you may read, and what your answers are drawn from.</p>
        {mayWrite && <UploadForm upload={upload} me={me} />}
        {mayWrite && <Jobs api={api} handedIn={upload.handedIn} onSearchable={load} />}
        {failed !== null && <ProblemNotice problem={failed} onRetry={load} />}
        {list === null && failed === null && <p role="status">Loading…</p>}
        {list !== null && (list.total > 0 || asked.words !== "") && <ListControls asked={asked} onAsk={setAsked} />}
        {list?.total === 0 && (
          <p className="muted" role="status">
            {asked.words === "" ? "There is no document that you may read yet." : "No document that you may read fits."}
          </p>
        )}
        {list !== null && documents.length > 0 && (
          <table className="document-table">
            <caption aria-live={asked.words === "" ? "off" : "polite"}>{countLine(documents.length, list.total)}</caption>
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
                  onRead={({ document_id, version_id }) => open({ document_id, version_id, span: null })}
                  onDelete={document.may_change ? () => setDeleting(document) : undefined}
                />
              ))}
            </tbody>
          </table>
        )}
        {list !== null && list.next !== null && (
          <button type="button" className="secondary more" disabled={busy} onClick={more}>
            {busy ? "Loading…" : "Show more"}
          </button>
        )}
        {deleted.length > 0 && <DeletedDocuments api={api} documents={deleted} onRestored={load} />}
      </div>
      {deleting !== null && (
        <DeleteDialog
          api={api}
          document={deleting}
          recycleDays={list?.recycle_days ?? 0}
          onDeleted={async () => {
            if (place?.document_id === deleting.document_id) close();
            await load();
          }}
          onClose={() => setDeleting(null)}
        />
      )}
    </main>
  );
}
