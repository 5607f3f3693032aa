import type { Choice } from "./readers";

interface Props {
  legend: string;
  choices: Choice[];
  chosen: string[];
  disabled?: boolean;
  onChange: (chosen: string[]) => void;
}

/** Who may read: one or more of groups and people. */
export function ReadersField({ legend, choices, chosen, disabled = false, onChange }: Props) {
  return (
    <fieldset className="readers" disabled={disabled}>
      <legend>{legend}</legend>
      <div className="reader-choices">
        {choices.map(({ token, name }) => (
          <label key={token} className="check">
            <input
              type="checkbox"
              checked={chosen.includes(token)}
              onChange={({ target }) => onChange(target.checked ? [...chosen, token] : chosen.filter((one) => one !== token))}
            />
            <span>{name}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
