import { useEffect, useState } from "react";
import type { Api } from "../client/api";
import { Problem } from "../client/problem";
import type { DocumentFacts, Fact } from "../client/types";
import { ProblemNotice } from "../ui/ProblemNotice";
import { FactForm } from "./FactForm";
import { FACT_KINDS, factValue, setBy } from "./facts";
import type { Source } from "./SourcePanel";

interface Props {
  api: Api;
  source: Source;
  onOpen: (source: Source) => void;
}

/** Parties, dates, kind, law and language of a document; each opens at its words, and whoever may corrects them. */
export function Facts({ api, source, onOpen }: Props) {
  const { document_id, version_id } = source;
  const [known, setKnown] = useState<DocumentFacts | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [editing, setEditing] = useState<Fact | "new" | null>(null);

  useEffect(() => {
    let current = true;
    setKnown(null);
    setProblem(null);
    setEditing(null);
    api.facts(document_id, version_id).then(
      (facts) => current && setKnown(facts),
      (error: unknown) => current && setProblem(Problem.from(error)),
    );
    return () => {
      current = false;
    };
  }, [api, document_id, version_id]);

  function edit(wanted: Fact | "new" | null) {
    setProblem(null);
    setEditing(wanted);
  }

  async function change(step: () => Promise<DocumentFacts>) {
    setProblem(null);
    try {
      setKnown(await step());
      setEditing(null);
    } catch (error) {
      setProblem(Problem.from(error));
    }
  }

  if (known === null) return problem === null ? null : <ProblemNotice problem={problem} />;
  if (known.facts.length === 0 && !known.may_change) return null;
  return (
    <details className="facts" open={source.quote === null}>
      <summary>Facts of this document</summary>
      {problem !== null && editing === null && <ProblemNotice problem={problem} />}
      <ul>
        {known.facts.map((fact) => (
          <li key={`${fact.kind} ${fact.value}`}>
            {editing === fact ? (
              <FactForm
                fact={fact}
                onSave={(wanted) => change(() => api.setFact(document_id, wanted))}
                problem={problem}
                onCancel={() => edit(null)}
              />
            ) : (
              <FactLine
                fact={fact}
                onOpen={
                  fact.version === null ? undefined : () => onOpen({ ...source, ...opened(fact) })
                }
                onEdit={known.may_change ? () => edit(fact) : undefined}
                onRemove={() => change(() => api.removeFact(document_id, fact.kind, fact.value))}
              />
            )}
          </li>
        ))}
      </ul>
      {editing === "new" && (
        <FactForm
          fact={null}
          onSave={(wanted) => change(() => api.setFact(document_id, wanted))}
          problem={problem}
          onCancel={() => edit(null)}
        />
      )}
      {known.may_change && editing === null && (
        <button type="button" className="quiet" onClick={() => edit("new")}>
          Add a fact
        </button>
      )}
    </details>
  );
}

interface LineProps {
  fact: Fact;
  onOpen: (() => void) | undefined;
  onEdit: (() => void) | undefined;
  onRemove: () => void;
}

function FactLine({ fact, onOpen, onEdit, onRemove }: LineProps) {
  const name = `${FACT_KINDS[fact.kind]}: ${factValue(fact)}`;
  return (
    <>
      <span className="fact-kind">{FACT_KINDS[fact.kind]}</span>
      <span className="fact-value">
        {onOpen === undefined ? (
          factValue(fact)
        ) : (
          <button type="button" className="link" aria-label={`Show ${name} in the text`} onClick={onOpen}>
            {factValue(fact)}
          </button>
        )}
        {fact.set_by !== null && <span className="fact-by">{setBy(fact)}</span>}
      </span>
      {onEdit !== undefined && (
        <span className="fact-actions">
          <button type="button" className="quiet" aria-label={`Correct ${name}`} onClick={onEdit}>
            Correct
          </button>
          <button type="button" className="quiet danger" aria-label={`Remove ${name}`} onClick={onRemove}>
            Remove
          </button>
        </span>
      )}
    </>
  );
}

type Place = Pick<Source, "version" | "version_id" | "section_path" | "page" | "quote">;

function opened({ version, version_id, start, end, quote }: Fact): Place {
  const words = { start, end, quote, warnings: [] };
  return { version: version ?? 0, version_id, section_path: [], page: null, quote: words };
}
