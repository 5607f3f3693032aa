import { Link } from "@tanstack/react-router";
import { useMutation, useQuery } from "@tanstack/react-query";
import { carries, useSigned } from "../app/context";
import { useSource } from "../app/source";
import { answers, type FoundPassage, type Leg, type LookedAt, type WhyAnswer } from "../client/answers";
import { Problem } from "../client/problem";
import type { Answer, Citation } from "../client/types";
import { placeOf } from "../documents/reading";
import { words } from "../strings";
import { ModalDialog } from "../ui/Dialog";
import { ProblemNotice } from "../ui/ProblemNotice";
import { AnswerRecord } from "./AnswerRecord";
import "../styles/why.css";

const told = words.answers.why;
const LEGS: Leg[] = ["sparse", "dense", "fused", "rerank"];

/** What was found and where it stood in each leg of the search, what became of each sentence, and the record. */
export default function WhyDrawer({ answer, onClose }: { answer: Answer; onClose: () => void }) {
  const { api, me } = useSigned();
  const { openCitation } = useSource();
  const { data, error } = useQuery({
    queryKey: ["answers", answer.audit_id, "why"],
    queryFn: () => answers.why(api, answer.audit_id),
    staleTime: Number.POSITIVE_INFINITY, // the record does not change; each look is an entry of the trail
    retry: false,
  });
  function open(citation: Citation) {
    onClose();
    openCitation(citation);
  }
  return (
    <ModalDialog side title={told.heading} onClose={onClose} className="why">
      {error !== null && <NotKept problem={Problem.from(error)} />}
      {data === undefined && error === null && <p role="status">{told.loading}</p>}
      {data !== undefined && (
        <>
          <Asked asked={data.asked} />
          <Found passages={data.passages} onOpen={open} />
          <Sentences why={data} />
        </>
      )}
      <AnswerRecord answer={answer} />
      {carries(me, "audit") && <ForAuditors answer={answer} onClose={onClose} />}
    </ModalDialog>
  );
}

function NotKept({ problem }: { problem: Problem }) {
  if (problem.status !== 404) return <ProblemNotice problem={problem} />;
  return (
    <div className="notice" role="note">
      <p className="notice-title">{told.notKept}</p>
      <p>{told.notKeptWhat}</p>
    </div>
  );
}

/** How the question was searched, where that is not simply as it was typed. */
function Asked({ asked }: { asked: WhyAnswer["asked"] }) {
  const lines = [
    asked.searched !== "" && asked.searched !== asked.words ? told.searchedAs(asked.searched) : "",
    asked.parts.length > 1 ? told.parts(asked.parts) : "",
    asked.hypothesis !== "" ? told.imagined : "",
  ].filter(Boolean);
  return lines.map((line) => <p key={line}>{line}</p>);
}

function Found({ passages, onOpen }: { passages: FoundPassage[]; onOpen: (citation: Citation) => void }) {
  const legs = LEGS.filter((leg) => passages.some(({ ranks }) => ranks[leg] !== undefined));
  return (
    <section aria-labelledby="why-found">
      <h3 id="why-found">{told.found}</h3>
      <p className="muted">{told.foundLead(passages.length, passages.filter(({ cited }) => cited.length > 0).length)}</p>
      {passages.length > 0 && (
        <div className="scroll-table" role="region" aria-label={told.found} tabIndex={0}>
          <table className="data-table">
            <thead>
              <tr>
                <th scope="col">{told.columns.passage}</th>
                {legs.map((leg) => (
                  <th key={leg} scope="col" className="number" title={told.hints[leg]}>
                    {told.columns[leg]}
                  </th>
                ))}
                <th scope="col" title={told.hints.shown}>{told.columns.shown}</th>
                <th scope="col">{told.columns.cited}</th>
              </tr>
            </thead>
            <tbody>
              {passages.map((passage) => (
                <Passage key={passage.quote.id} passage={passage} legs={legs} onOpen={onOpen} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {legs.length > 0 && (
        <dl className="why-legs">
          {legs.map((leg) => (
            <div key={leg}>
              <dt>{told.columns[leg]}</dt>
              <dd>{told.hints[leg]}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

function Passage({ passage, legs, onOpen }: { passage: FoundPassage; legs: Leg[]; onOpen: (citation: Citation) => void }) {
  const { quote, ranks, rank, shown, cited, nearest, copies } = passage;
  const place = [...quote.section_path.slice(-1), placeOf(quote)].filter(Boolean).join(" · ");
  return (
    <tr data-cited={cited.length > 0 ? "" : undefined}>
      <th scope="row">
        <button type="button" className="link" aria-label={told.openPassage(quote.id, quote.title)} onClick={() => onOpen(quote)}>
          {quote.id}. {quote.title}
        </button>
        <span className="muted why-place">{place}</span>
        <span className="why-quote">{quote.quote}</span>
        {rank === 0 && <span className="muted why-place">{told.referredTo}</span>}
        {copies.length > 0 && <span className="muted why-place">{told.copies(copies.length)}</span>}
      </th>
      {legs.map((leg) => (
        <td key={leg} className="number">
          {ranks[leg] === undefined ? <Absent /> : told.rank(ranks[leg])}
        </td>
      ))}
      <td>{shown ? told.yes : told.no}</td>
      <td>{cited.length > 0 ? told.citedAs(cited) : nearest.length > 0 ? told.citedAs(nearest) : told.no}</td>
    </tr>
  );
}

function Absent() {
  return (
    <>
      <span aria-hidden="true">–</span>
      <span className="visually-hidden">{told.noRank}</span>
    </>
  );
}

function Sentences({ why: { counts, sentences, in_order } }: { why: WhyAnswer }) {
  const { wrote, passed, withheld, left_out, quoted } = counts;
  return (
    <section aria-labelledby="why-sentences">
      <h3 id="why-sentences">{told.drafted}</h3>
      <p className="muted">
        {told.counts(wrote, passed, withheld, left_out)} {quoted > 0 && told.quoted(quoted)} {!in_order && told.notInOrder}
      </p>
      <ol className="why-sentences">
        {sentences.map((one, at) => (
          <li key={at} data-fate={one.fate}>
            <p>
              <strong>{told.fates[one.fate]}</strong> · {told.origins[one.origin]}
              {one.sentence !== null && ` · ${told.shippedAs(one.sentence)}`}
            </p>
            <Words one={one} />
            {one.why !== "" && <p>{one.why}</p>}
            {one.reason !== null && one.reason !== "" && <p className="muted">{one.reason}</p>}
            <p className="muted">
              {told.columnsOfSentences.rests}: {told.ofPassages(one.passages)} {one.unknown && told.unknown}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** What did not ship is told to auditors alone. */
function Words({ one }: { one: LookedAt }) {
  if (one.fate === "shipped") return null;
  return one.text === null ? <p className="muted">{told.wordsWithheld}</p> : <blockquote>{one.text}</blockquote>;
}

function ForAuditors({ answer, onClose }: { answer: Answer; onClose: () => void }) {
  const { api } = useSigned();
  const replayed = useMutation({ mutationFn: () => answers.replay(api, answer.audit_id) });
  return (
    <div className="why-audit">
      <Link to="/admin/audit" search={{ text: answer.audit_id } as never} onClick={onClose}>
        {told.trail}
      </Link>
      <button type="button" className="secondary" disabled={replayed.isPending} onClick={() => replayed.mutate()}>
        {told.replay}
      </button>
      <p role="status">
        {replayed.isPending && told.replaying}
        {replayed.data !== undefined && (replayed.data.same ? told.same : told.different)}
      </p>
      {replayed.data !== undefined && (
        <ul>
          {replayed.data.stages.map(({ stage, outcome, said }) => (
            <li key={stage}>{told.stage(stage, outcome, said)}</li>
          ))}
        </ul>
      )}
      {replayed.error !== null && <ProblemNotice problem={Problem.from(replayed.error)} />}
    </div>
  );
}
