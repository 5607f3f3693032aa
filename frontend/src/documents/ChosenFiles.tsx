import type { ChangeEvent } from "react";
import { formatBytes } from "../ui/format";
import { useMedia } from "../ui/hooks";
import { Warnings } from "../ui/Warnings";
import { countFiles, sizeLine } from "./chosen";
import { pickedFiles } from "./dropped";
import type { UploadState } from "./useUpload";

const SHOWN = 200;
const FOLDERS = { webkitdirectory: "" };

/** Where files are chosen, and which are. */
export function ChosenFiles({ upload }: { upload: UploadState }) {
  const { chosen, leftOut, sending } = upload;
  const nothingToDropFrom = useMedia("(pointer: coarse), (max-width: 40rem)");
  const hint = nothingToDropFrom ? "Files to add" : "Drop files or folders anywhere on this page";
  const pick = (event: ChangeEvent<HTMLInputElement>) => {
    void upload.add(pickedFiles(event.target.files ?? []));
    event.target.value = ""; // so that the same can be chosen again
  };
  return (
    <div className="chosen">
      <div className="drop-field">
        <p>
          {chosen.length === 0 ? hint : <strong>{sizeLine(chosen)}</strong>}
        </p>
        {sending === null && (
          <div className="pickers">
            <label className="picker">
              Choose files
              <input className="visually-hidden" type="file" multiple onChange={pick} />
            </label>
            {"webkitdirectory" in HTMLInputElement.prototype && (
              <label className="picker">
                Choose a folder
                <input className="visually-hidden" type="file" multiple {...FOLDERS} onChange={pick} />
              </label>
            )}
            {chosen.length > 0 && (
              <button type="button" className="quiet" onClick={upload.clear}>
                Clear
              </button>
            )}
          </div>
        )}
      </div>
      <p className="visually-hidden" role="status">
        {chosen.length > 0 && `${sizeLine(chosen)} chosen`}
      </p>
      {chosen.length > 0 && (
        <details className="chosen-files" open={chosen.length <= 5}>
          <summary>{chosen.length === 1 ? "The file" : `All ${countFiles(chosen.length)}`}</summary>
          <ul>
            {chosen.slice(0, SHOWN).map((one) => (
              <li key={one.path}>
                <span className="chosen-name">{one.path}</span>
                <span className="muted">{formatBytes(one.file.size)}</span>
                {sending === null && (
                  <button
                    type="button"
                    className="quiet"
                    aria-label={`Leave out ${one.path}`}
                    onClick={() => upload.remove(one)}
                  >
                    Leave out
                  </button>
                )}
              </li>
            ))}
          </ul>
          {chosen.length > SHOWN && <p className="muted">and {(chosen.length - SHOWN).toLocaleString("en-GB")} more</p>}
        </details>
      )}
      <Warnings title={`${countFiles(leftOut.length)} left out`} lines={leftOut} folded />
    </div>
  );
}
