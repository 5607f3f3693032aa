import type { Api } from "../client/api";
import { documents as calls } from "../client/documents";
import type { DocumentSummary } from "../client/types";
import { words } from "../strings";
import { ModalDialog } from "../ui/Dialog";
import { EachProgress, Failures } from "./Each";
import { useEach } from "./useEach";

interface Props {
  api: Api;
  documents: DocumentSummary[];
  /** For how many days they can be restored. */
  recycleDays: number;
  /** Of the ids of what is gone, however many that are. */
  onDeleted: (ids: string[]) => void;
  onClose: () => void;
}

const NAMED = 5;
const told = words.documents.remove;

/** Asks before documents go. */
export function DeleteDialog({ api, documents, recycleDays, onDeleted, onClose }: Props) {
  const each = useEach<DocumentSummary>(({ document_id }) => calls.remove(api, document_id));
  const { progress, busy } = each;
  const number = documents.length;

  async function remove() {
    const { done, failed } = await each.run(documents);
    if (done.length > 0) onDeleted(done.map(({ document_id }) => document_id));
    if (failed.length === 0) onClose();
  }

  return (
    <ModalDialog title={told.title(number)} onClose={onClose} busy={busy} className="confirm">
      {number === 1 ? (
        <p>
          <strong>{documents[0]?.title}</strong> {told.what} {told.restorable(recycleDays)}
        </p>
      ) : (
        <>
          <ul className="named">
            {documents.slice(0, NAMED).map(({ document_id, title }) => (
              <li key={document_id}>{title}</li>
            ))}
            {number > NAMED && <li>{told.and(number - NAMED)}</li>}
          </ul>
          <p>
            {told.whatMany} {told.restorableMany(recycleDays)}
          </p>
        </>
      )}
      {progress !== null && <Failures failed={progress.failed} />}
      {busy && progress !== null && (
        <EachProgress line={told.going(progress.done.length, progress.total)} progress={progress} onStop={each.stop} />
      )}
      <div className="dialog-actions">
        {progress?.over === true ? (
          <button type="button" className="secondary" onClick={onClose}>
            {words.ui.close}
          </button>
        ) : (
          <>
            <button type="button" className="secondary" disabled={busy} onClick={onClose} autoFocus>
              {told.keep(number)}
            </button>
            <button type="button" className="primary danger" disabled={busy} onClick={() => void remove()}>
              {told.go(number)}
            </button>
          </>
        )}
      </div>
    </ModalDialog>
  );
}
