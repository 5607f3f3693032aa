import type { Answer, ModelCard } from "../client/types";
import { words } from "../strings";
import { CopyButton } from "../ui/CopyButton";
import { formatMilliseconds, formatNumber } from "../ui/format";
import { verdictWords } from "./words";

const told = words.answers.why;
const PARTS = Object.keys(told.models) as (keyof typeof told.models & keyof ModelCard)[];

/** What an auditor needs: the audit id, the verdict on every sentence, the models, the times. */
export function AnswerRecord({ answer }: { answer: Answer }) {
  const { audit_id, model, usage, sentences, timings_ms } = answer;
  return (
    <section className="record" aria-labelledby="why-record">
      <h3 id="why-record">{told.record}</h3>
      <dl className="pairs">
        <dt>{told.auditId}</dt>
        <dd className="mono" data-testid="audit-id">
          {audit_id}
        </dd>
        {PARTS.filter((part) => model[part]).map((part) => (
          <Pair key={part} name={told.models[part]} value={model[part]} />
        ))}
        <dt>{told.tokens}</dt>
        <dd>{told.tokensOf(usage.prompt_tokens, usage.completion_tokens)}</dd>
      </dl>
      <CopyButton text={audit_id} label={told.copyId} />
      {sentences.length > 0 && (
        <table className="data-table">
          <caption>{told.checks}</caption>
          <thead>
            <tr>
              {Object.values(told.checkColumns).map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sentences.map((sentence, index) => (
              <tr key={sentence.start}>
                <td>{index + 1}</td>
                <td>{sentence.citations.join(", ")}</td>
                <td>
                  {verdictWords(sentence)} <span className="muted">{told.supportValue(sentence.support)}</span>
                </td>
                <td>{words.answers.answer.notes[sentence.note]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Timings spans={timings_ms} />
    </section>
  );
}

function Pair({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd className="mono">{value}</dd>
    </>
  );
}

/** How long each stage took, the longest as the whole bar. */
function Timings({ spans }: { spans: Record<string, number> }) {
  const longest = Math.max(1, ...Object.values(spans));
  return (
    <table className="data-table timings">
      <caption>{told.timings}</caption>
      <tbody>
        {Object.entries(spans).map(([stage, ms]) => (
          <tr key={stage}>
            <th scope="row">{stage.replaceAll("_", " ")}</th>
            <td className="number">{ms < 1000 ? formatMilliseconds(ms) : `${formatNumber(Math.round(ms / 100) / 10)}\u00a0s`}</td>
            <td className="timing-bar" aria-hidden="true">
              <progress max={longest} value={ms} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
