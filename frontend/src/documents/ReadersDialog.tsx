import { useState } from "react";
import type { Api } from "../client/api";
import { documents as calls } from "../client/documents";
import type { DocumentSummary, Me } from "../client/types";
import { words } from "../strings";
import { ModalDialog } from "../ui/Dialog";
import { EachProgress, Failures } from "./Each";
import { choices, common, keepsOwn } from "./readers";
import { ReadersField } from "./ReadersField";
import { useEach } from "./useEach";

interface Props {
  api: Api;
  me: Me;
  documents: DocumentSummary[];
  onChanged: (ids: string[]) => void;
  onClose: () => void;
}

const told = words.documents.readers;

/** Changes who may read one document, or many: afterwards all have the same readers. */
export function ReadersDialog({ api, me, documents, onChanged, onClose }: Props) {
  const before = common(documents);
  const [allow, setAllow] = useState(before.allow);
  const each = useEach<DocumentSummary>(({ document_id }) => calls.allow(api, document_id, allow));
  const { progress, busy } = each;
  const number = documents.length;
  const lockedOut = allow.length > 0 && !keepsOwn(me, allow);

  async function save() {
    const { done, failed } = await each.run(documents);
    if (done.length > 0) onChanged(done.map(({ document_id }) => document_id));
    if (failed.length === 0) onClose();
  }

  return (
    <ModalDialog title={told.title(number)} onClose={onClose} busy={busy}>
      <div className="stack">
        {number === 1 && <p className="row-title">{documents[0]?.title}</p>}
        {before.differ && <p>{told.differ}</p>}
        <ReadersField
          legend={number === 1 ? told.legend : told.legendMany}
          choices={choices(me, documents.flatMap((one) => one.allow))}
          chosen={allow}
          disabled={busy || progress?.over === true}
          onChange={setAllow}
        />
        <p className="muted">{number === 1 ? told.what : told.whatMany}</p>
        {lockedOut && (
          <p className="notice warned" role="status">
            {told.losing}
          </p>
        )}
        {progress !== null && <Failures failed={progress.failed} />}
        {busy && progress !== null && (
          <EachProgress line={told.saving(progress.done.length, progress.total)} progress={progress} onStop={each.stop} />
        )}
      </div>
      <div className="dialog-actions">
        <button type="button" className="secondary" disabled={busy} onClick={onClose}>
          {progress?.over === true ? words.ui.close : words.ui.cancel}
        </button>
        {progress?.over !== true && (
          <button type="button" className="primary" disabled={busy || allow.length === 0} onClick={() => void save()}>
            {told.save}
          </button>
        )}
      </div>
    </ModalDialog>
  );
}
