import { useNavigate, useSearch } from "@tanstack/react-router";
import { type Ref, useCallback, useImperativeHandle, useState } from "react";
import type { Api } from "../client/api";
import type { DocumentSummary, Me } from "../client/types";
import { AddDialog } from "../documents/AddDialog";
import { sizeLine } from "../documents/chosen";
import { DropArea } from "../documents/DropArea";
import { SendingProgress } from "../documents/SendingProgress";
import { useUploadState } from "../documents/useUpload";
import "../styles/upload.css";
import "../styles/jobs.css";
import { words } from "../strings";
import { ProblemNotice } from "../ui/ProblemNotice";
import { JobsDrawer } from "./Jobs";
import { JobStrip } from "./JobStrip";
import { useJobs } from "./useJobs";

const told = words.documents.upload;

export interface UploadsHandle {
  newVersion: (document: DocumentSummary) => void;
}

interface Props {
  api: Api;
  me: Me;
  /** Something that was handed in can be found now. */
  onSearchable: () => void;
  ref: Ref<UploadsHandle>;
}

/** The ways to add documents, and one line for each thing that goes on: files chosen, sent, and read. */
export function Uploads({ api, me, onSearchable, ref }: Props) {
  const upload = useUploadState();
  const jobs = useJobs(api, upload.handedIn, onSearchable);
  const [adding, setAdding] = useState(false);
  const [versionOf, setVersionOf] = useState<DocumentSummary | null>(null);
  const { show } = useSearch({ strict: false }) as { show?: string };
  const navigate = useNavigate();
  const showJobs = useCallback(
    (shown: boolean) => {
      const search = (known: Record<string, unknown>) => ({ ...known, show: shown ? "uploads" : undefined });
      void navigate({ to: ".", search: search as never, replace: true, resetScroll: false });
    },
    [navigate],
  );
  useImperativeHandle(ref, () => ({
    newVersion: (document) => {
      upload.clear();
      setVersionOf(document);
      setAdding(true);
    },
  }));
  const add = () => {
    if (versionOf !== null) upload.clear();
    setVersionOf(null);
    setAdding(true);
  };

  return (
    <>
      <DropArea
        onFiles={(found) => {
          if (upload.sending !== null) return;
          add();
          void upload.add(found);
        }}
      />
      <div className="upload-buttons">
        <button type="button" className="secondary" onClick={() => showJobs(true)}>
          {words.jobs.title}
        </button>
        <button type="button" className="primary" disabled={upload.sending !== null} onClick={add}>
          {told.add}
        </button>
      </div>
      <div className="strips">
        {upload.sending !== null && <SendingProgress sending={upload.sending} onStop={upload.stop} />}
        {!adding && upload.problem !== null && <ProblemNotice problem={upload.problem} />}
        {!adding && upload.sending === null && upload.chosen.length > 0 && (
          <div className="strip">
            <p className="strip-line">{told.waiting(sizeLine(upload.chosen))}</p>
            <button type="button" className="secondary" onClick={() => setAdding(true)}>
              {told.goOn}
            </button>
            <button type="button" className="quiet" onClick={upload.clear}>
              {told.discard}
            </button>
          </div>
        )}
        <JobStrip jobs={jobs} onShow={() => showJobs(true)} />
      </div>
      {adding && <AddDialog upload={upload} me={me} versionOf={versionOf} onClose={() => setAdding(false)} />}
      {show === "uploads" && !adding && <JobsDrawer api={api} jobs={jobs} onClose={() => showJobs(false)} />}
    </>
  );
}
