import { useEffect, useRef, useState } from "react";
import type { Api } from "../client/api";
import { Problem } from "../client/problem";
import type { DocumentSummary } from "../client/types";
import { ProblemNotice } from "../ui/ProblemNotice";
import { keptFor } from "./words";

interface Props {
  api: Api;
  document: DocumentSummary;
  /** For how many days it can be restored. */
  recycleDays: number;
  onDeleted: () => Promise<void>;
  onClose: () => void;
}

/** Asks before a document goes. The native dialog keeps the focus, closes on Escape and gives the focus back. */
export function DeleteDialog({ api, document, recycleDays, onDeleted, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  async function remove() {
    setBusy(true);
    setProblem(null);
    try {
      await api.remove(document.document_id);
      await onDeleted();
      onClose();
    } catch (error) {
      setProblem(Problem.from(error));
      setBusy(false);
    }
  }

  return (
    <dialog
      ref={dialog}
      className="confirm"
      aria-labelledby="delete-title"
      aria-describedby="delete-text"
      onCancel={(event) => {
        event.preventDefault();
        if (!busy) onClose();
      }}
    >
      <h2 id="delete-title">Delete this document?</h2>
      <p id="delete-text">
        <strong>{document.title}</strong> and all its versions will no longer be found, quoted or opened by anyone, from
        the next question on. {keptFor(recycleDays)}
      </p>
      {problem !== null && <ProblemNotice problem={problem} />}
      <div className="confirm-actions">
        <button type="button" className="secondary" disabled={busy} onClick={onClose} autoFocus>
          Keep it
        </button>
        <button type="button" className="primary danger" disabled={busy} onClick={remove}>
          Delete
        </button>
      </div>
    </dialog>
  );
}
