import { useCallback, useEffect, useState } from "react";
import type { Api } from "../client/api";
import { Problem } from "../client/problem";
import type { JobDetail, JobFile } from "../client/types";
import { words } from "../strings";
import { formatBytes } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";
import { Warnings } from "../ui/Warnings";
import { inOrder, type Known } from "./state";
import { fileLine, fileWarnings, pathOf } from "./words";

const PAGE = 100;
const told = words.jobs;

interface Props {
  api: Api;
  known: Known;
  onRead: (detail: JobDetail) => void;
}

/** What became of each file; where some failed, of those first and of the others when asked. */
export function JobFiles({ api, known, onRead }: Props) {
  const { id, status, failed, total } = known.job;
  const [asked, setAsked] = useState(false);
  const [limit, setLimit] = useState(PAGE);
  const [next, setNext] = useState<number | null>(null);
  const [loading, setLoading] = useState(true);
  const [problem, setProblem] = useState<Problem | null>(null);
  const all = asked || failed === 0;

  const load = useCallback(
    async (after: number) => {
      setProblem(null);
      try {
        const found = await api.job(id, after, PAGE, all ? null : "failed");
        onRead(found);
        setNext(found.next);
      } catch (error) {
        setProblem(Problem.from(error));
      }
      setLoading(false);
    },
    [api, id, all, onRead],
  );
  // Once it is over they are read again: of a job that is not followed nothing else tells.
  useEffect(() => void load(0), [load, status]);

  const files = inOrder(known.files.values()).filter((file) => all || file.status === "failed");
  return (
    <>
      {loading && files.length === 0 && <p className="muted">{words.ui.loading}</p>}
      <ul className="job-files">
        {files.slice(0, limit).map((file) => (
          <FileRow key={file.number} file={file} alone={total === 1} />
        ))}
      </ul>
      {problem !== null && <ProblemNotice problem={problem} onRetry={() => load(0)} />}
      {(next !== null || files.length > limit) && (
        <button
          type="button"
          className="quiet"
          onClick={() => {
            setLimit(limit + PAGE);
            if (next !== null) void load(next);
          }}
        >
          {told.moreFiles}
        </button>
      )}
      {!all && total > failed && (
        <button type="button" className="quiet" onClick={() => setAsked(true)}>
          {told.allFiles(total)}
        </button>
      )}
    </>
  );
}

function FileRow({ file, alone }: { file: JobFile; alone: boolean }) {
  const warnings = file.result === null ? [] : fileWarnings(file.result);
  return (
    <li className="job-file" data-status={file.status}>
      <span className="job-file-name">{pathOf(file)}</span>
      {file.bytes > 0 && <span className="job-file-size">{formatBytes(file.bytes)}</span>}
      <span className="job-file-line">{fileLine(file)}</span>
      <Warnings title={alone ? told.alone : told.warnings(warnings.length)} lines={warnings} folded={!alone} />
    </li>
  );
}
