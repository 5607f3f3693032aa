import type { Choice } from "./readers";

interface Props {
  legend: string;
  choices: Choice[];
  /** Whether somebody is chosen; null: of some of the documents. */
  chosen: (token: string) => boolean | null;
  /** What is said of who reads some of them. */
  some?: string;
  disabled?: boolean;
  onChange: (token: string, chosen: boolean) => void;
}

/** Who may read: one or more of groups and people. */
export function ReadersField({ legend, choices, chosen, some = "", disabled = false, onChange }: Props) {
  return (
    <fieldset className="readers" disabled={disabled}>
      <legend>{legend}</legend>
      <div className="reader-choices">
        {choices.map(({ token, name }) => {
          const reads = chosen(token);
          return (
            <label key={token} className="check">
              <input
                type="checkbox"
                checked={reads === true}
                ref={(box) => {
                  if (box !== null) box.indeterminate = reads === null;
                }}
                onChange={({ target }) => onChange(token, target.checked)}
              />
              <span>
                {name}
                {reads === null && <span className="muted"> ({some})</span>}
              </span>
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}
