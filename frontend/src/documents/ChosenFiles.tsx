import { type ChangeEvent, useRef } from "react";
import { words } from "../strings";
import { formatBytes } from "../ui/format";
import { useMedia } from "../ui/hooks";
import { Warnings } from "../ui/Warnings";
import { countFiles, sizeLine } from "./chosen";
import { pickedFiles } from "./dropped";
import type { UploadState } from "./useUpload";

const SHOWN = 200;
const FOLDERS = { webkitdirectory: "" };
const told = words.documents.upload;

interface Props {
  upload: UploadState;
  /** The path under which one file is handed in, whatever it is called; "": as many as one likes, under their own. */
  as: string;
}

/** Where files are chosen, and which are. */
export function ChosenFiles({ upload, as }: Props) {
  const { chosen, leftOut } = upload;
  const picker = useRef<HTMLInputElement>(null);
  /** A button that goes hands its focus on. */
  const then = (step: () => void) => {
    picker.current?.focus();
    step();
  };
  const nothingToDropFrom = useMedia("(pointer: coarse), (max-width: 40rem)");
  const hint = nothingToDropFrom || as !== "" ? told.hint : told.dropHint;
  const pick = (event: ChangeEvent<HTMLInputElement>) => {
    const picked = pickedFiles(event.target.files ?? []);
    if (as === "") void upload.add(picked);
    else upload.only(picked.slice(0, 1).map(({ file }) => ({ file, path: as })));
    event.target.value = ""; // so that the same can be chosen again
  };
  return (
    <div className="chosen">
      <div className="drop-field">
        <p>{chosen.length === 0 ? hint : <strong>{sizeLine(chosen)}</strong>}</p>
        <div className="pickers">
          <label className="picker">
            {as === "" ? told.choose : told.chooseOne}
            <input ref={picker} className="visually-hidden" type="file" multiple={as === ""} onChange={pick} />
          </label>
          {as === "" && "webkitdirectory" in HTMLInputElement.prototype && (
            <label className="picker">
              {told.chooseFolder}
              <input className="visually-hidden" type="file" multiple {...FOLDERS} onChange={pick} />
            </label>
          )}
          {chosen.length > 0 && (
            <button type="button" className="quiet" onClick={() => then(upload.clear)}>
              {told.clear}
            </button>
          )}
        </div>
      </div>
      <p className="visually-hidden" role="status">
        {chosen.length > 0 && told.chosen(sizeLine(chosen))}
      </p>
      {chosen.length > 0 && (
        <details className="chosen-files" open={chosen.length <= 5}>
          <summary>{chosen.length === 1 ? told.theFile : told.allFiles(countFiles(chosen.length))}</summary>
          <ul>
            {chosen.slice(0, SHOWN).map((one) => (
              <li key={one.path}>
                <span className="chosen-name">{one.path}</span>
                <span className="muted">{formatBytes(one.file.size)}</span>
                <button
                  type="button"
                  className="quiet"
                  aria-label={told.leaveOutNamed(one.path)}
                  onClick={() => then(() => upload.remove(one))}
                >
                  {told.leaveOut}
                </button>
              </li>
            ))}
          </ul>
          {chosen.length > SHOWN && <p className="muted">{told.more(chosen.length - SHOWN)}</p>}
        </details>
      )}
      <Warnings title={told.leftOut(countFiles(leftOut.length))} lines={leftOut} folded />
    </div>
  );
}
