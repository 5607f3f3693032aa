import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useSigned } from "../app/context";
import { sources, type VersionAsked } from "../client/sources";
import { Problem } from "../client/problem";
import type { DocumentFacts, Fact } from "../client/types";
import { words } from "../strings";
import { ProblemNotice } from "../ui/ProblemNotice";
import { FactForm } from "./FactForm";
import { FACT_KINDS, factValue, setBy } from "./facts";
import type { Span } from "./layout";

interface Props {
  asked: VersionAsked;
  onOpen: (version: string, span: Span) => void;
}

/** Parties, dates, kind, law and language of a document; each opens at its words, and whoever may corrects them. */
export function Facts({ asked, onOpen }: Props) {
  const { api } = useSigned();
  const client = useQueryClient();
  const [editing, setEditing] = useState<Fact | "new" | null>(null);
  const queryKey = ["source", asked.document_id, "facts", asked.version_id];
  const found = useQuery({ queryKey, queryFn: () => sources.facts(api, asked) });
  const change = useMutation({
    mutationFn: (step: () => Promise<DocumentFacts>) => step(),
    onSuccess: (facts) => {
      client.setQueryData(queryKey, facts);
      setEditing(null);
    },
  });
  const problem = change.error === null ? null : Problem.from(change.error);

  function edit(wanted: Fact | "new" | null) {
    change.reset();
    setEditing(wanted);
  }

  if (found.error !== null) return <ProblemNotice problem={Problem.from(found.error)} onRetry={() => void found.refetch()} />;
  if (found.data === undefined) return <p className="muted">{words.ui.loading}</p>;
  const { facts, may_change } = found.data;
  const form = (fact: Fact | null) => (
    <FactForm
      fact={fact}
      onSave={(wanted) => change.mutateAsync(() => sources.setFact(api, asked.document_id, wanted)).then(done, done)}
      problem={problem}
      onCancel={() => edit(null)}
    />
  );
  return (
    <div className="facts">
      {problem !== null && editing === null && <ProblemNotice problem={problem} />}
      {facts.length === 0 && <p className="muted">{words.facts.none}</p>}
      <ul aria-label={words.facts.title}>
        {facts.map((fact) => (
          <li key={`${fact.kind} ${fact.value}`}>
            {editing === fact ? (
              form(fact)
            ) : (
              <FactLine
                fact={fact}
                onOpen={fact.version === null ? undefined : () => onOpen(fact.version_id, fact)}
                onEdit={may_change ? () => edit(fact) : undefined}
                onRemove={() => change.mutate(() => sources.removeFact(api, asked.document_id, fact.kind, fact.value))}
              />
            )}
          </li>
        ))}
      </ul>
      {editing === "new" && form(null)}
      {may_change && editing === null && (
        <button type="button" className="quiet" onClick={() => edit("new")}>
          {words.facts.add}
        </button>
      )}
    </div>
  );
}

/** What went wrong is told by the mutation. */
function done() {}

interface LineProps {
  fact: Fact;
  onOpen: (() => void) | undefined;
  onEdit: (() => void) | undefined;
  onRemove: () => void;
}

function FactLine({ fact, onOpen, onEdit, onRemove }: LineProps) {
  const name = words.facts.named(FACT_KINDS[fact.kind], factValue(fact));
  return (
    <>
      <span className="fact-kind">{FACT_KINDS[fact.kind]}</span>
      <span className="fact-value">
        {onOpen === undefined ? (
          factValue(fact)
        ) : (
          <button type="button" className="link" aria-label={words.facts.show(name)} onClick={onOpen}>
            {factValue(fact)}
          </button>
        )}
        {fact.set_by !== null && <span className="fact-by">{setBy(fact)}</span>}
      </span>
      {onEdit !== undefined && (
        <span className="fact-actions">
          <button type="button" className="quiet" aria-label={words.facts.correctOne(name)} onClick={onEdit}>
            {words.facts.correct}
          </button>
          <button type="button" className="quiet danger" aria-label={words.facts.removeOne(name)} onClick={onRemove}>
            {words.facts.remove}
          </button>
        </span>
      )}
    </>
  );
}
