import { type FormEvent, useState } from "react";
import type { Chunking, DocumentSummary, Me, Wishes } from "../client/types";
import { words } from "../strings";
import { ModalDialog } from "../ui/Dialog";
import { ProblemNotice } from "../ui/ProblemNotice";
import { ChosenFiles } from "./ChosenFiles";
import { LANGUAGES, nameOf } from "./language";
import { ReadersField } from "./ReadersField";
import { choices } from "./readers";
import type { UploadState } from "./useUpload";
import { uploadedName } from "./words";

const told = words.documents.upload;
const AS_USUAL = { date: "", chunking: "", language: "" } as const;

interface Props {
  upload: UploadState;
  me: Me;
  /** The document of which a new version is handed in; null: whatever documents. */
  versionOf: DocumentSummary | null;
  onClose: () => void;
}

/** Hands in files and folders; who may read them is a choice that must be made. It closes as soon as they are on their way. */
export function AddDialog({ upload, me, versionOf, onClose }: Props) {
  const offered = choices(me);
  const before = versionOf?.allow.filter((token) => offered.some((one) => one.token === token)) ?? [];
  const [wishes, setWishes] = useState<Wishes>({ allow: before, ...AS_USUAL });
  const count = upload.chosen.length;
  const ready = count > 0 && wishes.allow.length > 0;

  function send(event: FormEvent) {
    event.preventDefault();
    if (!ready) return;
    void upload.send(wishes);
    onClose();
  }

  return (
    <ModalDialog title={versionOf === null ? told.add : told.newVersion(versionOf.title)} onClose={onClose} className="add-dialog">
      <form className="stack" aria-label={told.add} onSubmit={send}>
        {versionOf !== null && <p className="muted">{told.newVersionWhat}</p>}
        <ChosenFiles upload={upload} as={versionOf === null ? "" : uploadedName(versionOf.source, me.user)} />
        <ReadersField
          legend={told.who(count)}
          choices={offered}
          chosen={(token) => wishes.allow.includes(token)}
          onChange={(token, chosen) =>
            setWishes({ ...wishes, allow: chosen ? [...wishes.allow, token] : wishes.allow.filter((one) => one !== token) })
          }
        />
        <MoreWishes wishes={wishes} onChange={setWishes} />
        {upload.problem !== null && <ProblemNotice problem={upload.problem} />}
        <div className="dialog-actions">
          {!ready && <p className="muted missing">{told.missing(count, wishes.allow.length > 0)}</p>}
          <button type="button" className="secondary" onClick={onClose}>
            {told.later}
          </button>
          <button type="submit" className="primary" disabled={!ready}>
            {told.send(count)}
          </button>
        </div>
      </form>
    </ModalDialog>
  );
}

function MoreWishes({ wishes, onChange }: { wishes: Wishes; onChange: (wishes: Wishes) => void }) {
  return (
    <details className="upload-more">
      <summary>{told.wishes}</summary>
      <div className="upload-more-fields">
        <label className="field">
          <span>{told.from}</span>
          <input type="date" value={wishes.date} onChange={(event) => onChange({ ...wishes, date: event.target.value })} />
        </label>
        <label className="field">
          <span>{told.passages}</span>
          <select value={wishes.chunking} onChange={(event) => onChange({ ...wishes, chunking: event.target.value as Chunking | "" })}>
            <option value="">{told.usual}</option>
            {Object.entries(words.documents.chunkings).map(([kind, name]) => (
              <option key={kind} value={kind}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>{told.language}</span>
          <select value={wishes.language} onChange={(event) => onChange({ ...wishes, language: event.target.value })}>
            <option value="">{told.told}</option>
            {LANGUAGES.map((code) => (
              <option key={code} value={code}>
                {nameOf(code)}
              </option>
            ))}
          </select>
        </label>
      </div>
    </details>
  );
}
