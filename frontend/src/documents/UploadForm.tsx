import { type FormEvent, useState } from "react";
import type { Chunking, Me, Wishes } from "../client/types";
import { ProblemNotice } from "../ui/ProblemNotice";
import { ChosenFiles } from "./ChosenFiles";
import { countFiles } from "./chosen";
import { DropArea } from "./DropArea";
import { LANGUAGES, nameOf } from "./language";
import { SendingProgress } from "./SendingProgress";
import type { UploadState } from "./useUpload";
import { CHUNKINGS } from "./words";

const AS_USUAL = { date: "", chunking: "", language: "" } as const;

/** Hands in files and folders under one access label of the uploader; who may read them is a choice that must be made. */
export function UploadForm({ upload, me }: { upload: UploadState; me: Me }) {
  const [wishes, setWishes] = useState<Wishes>({ allow: "", ...AS_USUAL });
  const { chosen, sending, problem } = upload;
  const count = chosen.length;

  async function send(event: FormEvent) {
    event.preventDefault();
    if (count === 0 || wishes.allow === "") return;
    if (await upload.send(wishes)) setWishes({ ...wishes, ...AS_USUAL }); // it was said of those files
  }

  return (
    <form className="upload" aria-label="Add documents" onSubmit={send}>
      <DropArea onFiles={upload.add} />
      <ChosenFiles upload={upload} />
      {sending !== null && <SendingProgress sending={sending} onStop={upload.stop} />}
      {sending === null && (
        <div className="upload-fields">
          <div className="field">
            <label htmlFor="upload-allow">{count > 1 ? "Who may read them" : "Who may read it"}</label>
            <select
              id="upload-allow"
              value={wishes.allow}
              onChange={(event) => setWishes({ ...wishes, allow: event.target.value })}
            >
              <option value="">Choose…</option>
              {me.groups.map((group) => (
                <option key={group} value={`group:${group}`}>
                  Group {group}
                </option>
              ))}
              <option value={`user:${me.user}`}>Only me</option>
            </select>
          </div>
          <button type="submit" className="primary" disabled={count === 0 || wishes.allow === ""}>
            {count > 1 ? `Upload ${countFiles(count)}` : "Upload"}
          </button>
          <MoreWishes wishes={wishes} onChange={setWishes} />
        </div>
      )}
      {problem !== null && <ProblemNotice problem={problem} />}
    </form>
  );
}

function MoreWishes({ wishes, onChange }: { wishes: Wishes; onChange: (wishes: Wishes) => void }) {
  return (
    <details className="upload-more">
      <summary>Date, passages, language</summary>
      <div className="upload-more-fields">
        <div className="field">
          <label htmlFor="upload-date">In force from</label>
          <input
            id="upload-date"
            type="date"
            value={wishes.date}
            onChange={(event) => onChange({ ...wishes, date: event.target.value })}
          />
        </div>
        <div className="field">
          <label htmlFor="upload-chunking">Passages</label>
          <select
            id="upload-chunking"
            value={wishes.chunking}
            onChange={(event) => onChange({ ...wishes, chunking: event.target.value as Chunking | "" })}
          >
            <option value="">As usual</option>
            {Object.entries(CHUNKINGS).map(([kind, words]) => (
              <option key={kind} value={kind}>
                {words}
              </option>
            ))}
          </select>
        </div>
        <div className="field">
          <label htmlFor="upload-language">Language</label>
          <select
            id="upload-language"
            value={wishes.language}
            onChange={(event) => onChange({ ...wishes, language: event.target.value })}
          >
            <option value="">Told from its words</option>
            {LANGUAGES.map((code) => (
              <option key={code} value={code}>
                {nameOf(code)}
              </option>
            ))}
          </select>
        </div>
      </div>
    </details>
  );
}
