import { type FormEvent, useEffect, useRef, useState } from "react";
import type { Problem } from "../client/problem";
import type { Fact, FactKind, NewFact } from "../client/types";
import { words } from "../strings";
import { ProblemNotice } from "../ui/ProblemNotice";
import { FACT_KINDS } from "./facts";

interface Props {
  /** What is corrected; null for a fact that is added. */
  fact: Fact | null;
  onSave: (wanted: NewFact) => Promise<void>;
  onCancel: () => void;
  /** Why it was not saved. */
  problem: Problem | null;
}

/** A value, and the words of the document that say so, if there are any. */
export function FactForm({ fact, onSave, onCancel, problem }: Props) {
  const [kind, setKind] = useState<FactKind>(fact?.kind ?? "party");
  const [value, setValue] = useState(fact?.value ?? "");
  const [quote, setQuote] = useState(fact?.quote ?? "");
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    form.current?.scrollIntoView({ block: "nearest" });
  }, [problem]);

  async function save(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    const kept = fact !== null && kind === "party" ? { role: fact.role, term: fact.term } : { role: "", term: "" };
    await onSave({ kind, value, quote, replaces: fact?.value ?? "", ...kept });
    setBusy(false);
  }

  return (
    <form ref={form} className="fact-form" aria-label={fact === null ? words.facts.addForm : words.facts.correctForm} onSubmit={save}>
      {fact === null && (
        <label>
          {words.facts.kind}
          <select value={kind} onChange={(event) => setKind(event.target.value as FactKind)}>
            {Object.entries(FACT_KINDS).map(([name, called]) => (
              <option key={name} value={name}>
                {called}
              </option>
            ))}
          </select>
        </label>
      )}
      <label>
        {fieldName(kind, fact !== null)}
        <input value={value} required maxLength={300} onChange={(event) => setValue(event.target.value)} />
      </label>
      <label>
        {words.facts.quote}
        <textarea rows={2} value={quote} maxLength={4000} onChange={(event) => setQuote(event.target.value)} />
      </label>
      {problem !== null && <ProblemNotice problem={problem} />}
      <div className="fact-form-actions">
        <button type="submit" className="primary" disabled={busy || value.trim() === ""}>
          {words.facts.save}
        </button>
        <button type="button" className="quiet" onClick={onCancel}>
          {words.ui.cancel}
        </button>
      </div>
    </form>
  );
}

/** What is asked for; of a fact that is corrected with its kind, which is not asked again. */
function fieldName(kind: FactKind, known: boolean): string {
  const value = kind.endsWith("_date") ? words.facts.day : words.facts.value;
  return known ? words.facts.named(FACT_KINDS[kind], value) : value;
}
