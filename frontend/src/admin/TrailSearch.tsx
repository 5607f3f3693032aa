import { type FormEvent, type InputHTMLAttributes, useState } from "react";
import { NO_TRAIL_SEARCH, type TrailAsked } from "../client/admin";
import { words } from "../strings";
import { ACTIONS, actionName, documentIn, REFUSALS } from "./actions";

const told = words.trail;
const KNOWN = new Set(Object.values(ACTIONS).flat());

/** Who, what, about which document, when: all of it narrows. */
export function TrailSearch({ asked, onSearch }: { asked: TrailAsked; onSearch: (asked: TrailAsked) => void }) {
  const [draft, setDraft] = useState(asked);
  const [wrong, setWrong] = useState("");
  const put = (name: keyof TrailAsked, value: string) => setDraft({ ...draft, [name]: value });
  const field = (name: keyof TrailAsked, label: string, more: InputHTMLAttributes<HTMLInputElement> = {}) => (
    <label className="field">
      <span>{label}</span>
      <input value={draft[name]} onChange={(event) => put(name, event.target.value)} {...more} />
    </label>
  );
  function send(event: FormEvent) {
    event.preventDefault();
    const document = documentIn(draft.document);
    if (draft.document.trim() !== "" && document === "") return setWrong(told.noDocument);
    if (draft.from !== "" && draft.to !== "" && draft.from > draft.to) return setWrong(told.crossed);
    setWrong("");
    onSearch({ ...draft, document });
  }
  return (
    <form className="filter-form" aria-label={told.form} onSubmit={send}>
      <label className="field">
        <span>{told.action}</span>
        <select value={draft.action} onChange={(event) => put("action", event.target.value)}>
          <option value="">{told.anyAction}</option>
          {draft.action !== "" && !KNOWN.has(draft.action) && <option value={draft.action}>{actionName(draft.action)}</option>}
          {(Object.keys(ACTIONS) as (keyof typeof ACTIONS)[]).map((about) => (
            <optgroup key={about} label={told.actionGroups[about]}>
              {ACTIONS[about].map((action) => (
                <option key={action} value={action}>
                  {actionName(action)}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </label>
      {field("user", told.user, { placeholder: told.userHint })}
      <label className="field">
        <span>{told.refused}</span>
        <select value={draft.refused} onChange={(event) => put("refused", event.target.value)}>
          <option value="">{told.anyOutcome}</option>
          {[...new Set([...REFUSALS, draft.refused])].filter(Boolean).map((code) => (
            <option key={code} value={code}>
              {actionName(code)}
            </option>
          ))}
        </select>
      </label>
      {field("text", told.text, { maxLength: 200 })}
      {field("document", told.document, { placeholder: told.documentHint })}
      {field("from", told.from, { type: "date" })}
      {field("to", told.to, { type: "date" })}
      <div className="filter-actions">
        <button type="submit" className="primary">
          {told.search}
        </button>
        <button type="button" className="quiet" onClick={() => onSearch(NO_TRAIL_SEARCH)}>
          {told.clear}
        </button>
      </div>
      {wrong !== "" && (
        <p className="notice problem whole-line" role="alert">
          {wrong}
        </p>
      )}
    </form>
  );
}
