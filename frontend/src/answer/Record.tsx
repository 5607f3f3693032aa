import type { Answer, ModelCard } from "../client/types";
import { words } from "../strings";
import { CopyButton } from "../ui/CopyButton";
import { formatMilliseconds } from "../ui/format";
import { verdictWords } from "./words";

const told = words.answers.why;
const PARTS = Object.entries(told.models) as [keyof ModelCard, string][];

/** What an auditor needs: the audit id, the verdict on every sentence, the models, the timings. */
export function Record({ answer }: { answer: Answer }) {
  const times = Object.entries(answer.timings_ms);
  return (
    <section className="record" aria-labelledby="record-title">
      <h3 id="record-title">{told.record}</h3>
      <dl>
        <dt>{told.auditId}</dt>
        <dd>
          <span className="mono" data-testid="audit-id">
            {answer.audit_id}
          </span>{" "}
          <CopyButton text={answer.audit_id} label={told.copyId} />
        </dd>
        {PARTS.filter(([part]) => answer.model[part]).map(([part, name]) => (
          <Pair key={part} name={name} value={answer.model[part]} mono />
        ))}
        <Pair name={told.tokens} value={told.tokensOf(answer.usage.prompt_tokens, answer.usage.completion_tokens)} />
      </dl>
      {answer.sentences.length > 0 && <Checks answer={answer} />}
      <Times title={told.timings} times={times.filter(([stage]) => !stage.includes("."))} />
      <Times title={told.spans} times={times.filter(([stage]) => stage.includes("."))} />
    </section>
  );
}

function Checks({ answer }: { answer: Answer }) {
  const { sentence, sources, verdict, note } = told.checkColumns;
  return (
    <table>
      <caption>{told.checks}</caption>
      <thead>
        <tr>
          {[sentence, sources, verdict, note].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {answer.sentences.map((one, index) => (
          <tr key={one.start}>
            <th scope="row">{index + 1}</th>
            <td>{one.citations.join(", ")}</td>
            <td>
              {verdictWords(one)} <span className="muted">{told.supportValue(one.support)}</span>
            </td>
            <td>{words.answers.answer.notes[one.note]}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Times in ms with a bar each, as long as its share of the longest. */
function Times({ title, times }: { title: string; times: [string, number][] }) {
  if (times.length === 0) return null;
  const longest = Math.max(...times.map(([, ms]) => ms), 1);
  return (
    <table className="times">
      <caption>{title}</caption>
      <tbody>
        {times.map(([stage, ms]) => (
          <tr key={stage}>
            <th scope="row">{stage.replace(/^search\./, "").replaceAll("_", " ")}</th>
            <td className="number">{formatMilliseconds(ms)}</td>
            <td className="bar">
              <meter min={0} max={longest} value={ms} aria-hidden="true" />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
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
