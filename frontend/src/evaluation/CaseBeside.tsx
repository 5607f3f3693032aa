import type { Api } from "../client/api";
import type { CaseResult, CaseSide, Citation } from "../client/types";
import { placeOf } from "../documents/reading";
import { words } from "../strings";
import { ProblemNotice } from "../ui/ProblemNotice";
import { figureName, figureValue, seconds } from "./figures";
import { useLoaded } from "./useLoaded";

const told = words.evaluation.cases;

interface Props {
  api: Api;
  run: string;
  one: CaseResult;
  against: string;
  onCite: (citation: Citation) => void;
}

/** A case in this night beside the same in the other: what came out, its metrics, and the answer with its evidence. */
export function CaseBeside({ api, run, one, against, onCite }: Props) {
  const { suite, case_id } = one;
  const key = ["case", run, suite, case_id, against];
  const { value, problem, reload } = useLoaded(key, () => api.evaluationCase(run, suite, case_id, against));
  if (problem !== null) return <ProblemNotice problem={problem} onRetry={reload} />;
  if (value === null) return <p role="status">{words.ui.loading}</p>;
  return (
    <div className="beside">
      {!value.same && (
        <p className="notice partial" role="note">
          {told.changed}
        </p>
      )}
      <Side name={told.now} side={value.now} onCite={onCite} />
      {value.then === null ? (
        <section className="side" aria-label={told.then}>
          <h4>{told.then}</h4>
          <p className="muted">{told.notAsked}</p>
        </section>
      ) : (
        <Side name={told.then} side={value.then} onCite={onCite} />
      )}
    </div>
  );
}

function Side({ name, side, onCite }: { name: string; side: CaseSide; onCite: (citation: Citation) => void }) {
  const { case: one, metrics, answer } = side;
  return (
    <section className="side" aria-label={name}>
      <h4>{name}</h4>
      <p>
        <span className="outcome" data-outcome={one.outcome}>
          {one.outcome}
        </span>{" "}
        {[one.code || one.status, one.first_seconds === null ? "" : told.first(seconds(one.first_seconds)), told.all(seconds(one.seconds))]
          .filter(Boolean)
          .join(", ")}
      </p>
      <dl className="side-metrics">
        {metrics.map((metric) => (
          <div key={metric.name}>
            <dt>{figureName(metric.name)}</dt>
            <dd>{figureValue(metric)}</dd>
          </div>
        ))}
      </dl>
      {answer === null ? (
        <p className="muted">{whyNoAnswer(one)}</p>
      ) : (
        <>
          <p className="side-question">{answer.question}</p>
          <p className="side-answer">{answer.answer.answer}</p>
          {answer.answer.citations.length > 0 && (
            <Evidence citations={answer.answer.citations} onCite={onCite} />
          )}
        </>
      )}
    </section>
  );
}

function Evidence({ citations, onCite }: { citations: Citation[]; onCite: (citation: Citation) => void }) {
  return (
    <ol className="evidence" aria-label={told.evidence}>
      {citations.map((citation) => (
        <li key={citation.id}>
          <blockquote>{citation.quote}</blockquote>
          <button type="button" className="link" aria-haspopup="dialog" onClick={() => onCite(citation)}>
            {[`${citation.id}: ${citation.title}`, placeOf(citation), told.version(citation.version)].filter(Boolean).join(", ")}
          </button>
        </li>
      ))}
    </ol>
  );
}

function whyNoAnswer({ audit_id, store, outcome }: CaseResult): string {
  if (outcome === "error") return told.error;
  if (audit_id === null) return told.searchOnly;
  if (store !== "own") {
    return told.elsewhere(audit_id);
  }
  return told.notYours;
}
