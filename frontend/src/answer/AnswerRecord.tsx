import type { Answer, ModelCard } from "../client/types";
import { formatMilliseconds } from "../ui/format";
import { NOTES } from "./words";

const PARTS: [keyof ModelCard, string][] = [
  ["generator", "Generator"],
  ["adapter", "Adapter"],
  ["embedder", "Embedder"],
  ["reranker", "Reranker"],
  ["judge", "Judge"],
  ["prompt", "Prompt"],
  ["snapshot", "Index snapshot"],
];

/** What an auditor needs: the audit id, the verdict on every sentence, the models, the timings. */
export function AnswerRecord({ answer }: { answer: Answer }) {
  return (
    <details className="record">
      <summary>Record of this answer</summary>
      <dl>
        <dt>Audit id</dt>
        <dd className="mono" data-testid="audit-id">
          {answer.audit_id}
        </dd>
        {PARTS.filter(([part]) => answer.model[part]).map(([part, name]) => (
          <Pair key={part} name={name} value={answer.model[part]} mono />
        ))}
        <Pair name="Tokens" value={`${answer.usage.prompt_tokens} read, ${answer.usage.completion_tokens} written`} />
      </dl>
      {answer.sentences.length > 0 && (
        <table>
          <caption>Checks</caption>
          <thead>
            <tr>
              <th scope="col">Sentence</th>
              <th scope="col">Sources</th>
              <th scope="col">Verdict</th>
              <th scope="col">Support</th>
              <th scope="col">Note</th>
            </tr>
          </thead>
          <tbody>
            {answer.sentences.map((sentence, index) => (
              <tr key={sentence.start}>
                <td>{index + 1}</td>
                <td>{sentence.citations.join(", ")}</td>
                <td>{sentence.verdict}</td>
                <td>{sentence.support.toFixed(2)}</td>
                <td>{NOTES[sentence.note]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <table>
        <caption>Timings</caption>
        <tbody>
          {Object.entries(answer.timings_ms).map(([stage, ms]) => (
            <tr key={stage}>
              <th scope="row">{stage.replaceAll("_", " ")}</th>
              <td>{formatMilliseconds(ms)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function Pair({ name, value, mono = false }: { name: string; value: string; mono?: boolean }) {
  return (
    <>
      <dt>{name}</dt>
      <dd className={mono ? "mono" : undefined}>{value}</dd>
    </>
  );
}
