import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useSigned } from "../app/context";
import { useSource } from "../app/source";
import { type Feedback, type FeedbackState, readAnswer, readFeedback, resolveFeedback } from "../client/feedback";
import { Problem } from "../client/problem";
import { words } from "../strings";
import { formatMoment } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";
import { CellAnswer } from "../reviews/CellAnswer";
import { nameOf } from "./names";

const said = words.feedback;

interface Props {
  id: string;
  /** The entries before and after it in the queue; "": none. */
  before: string;
  after: string;
}

/** One entry: the question, the answer, what was said and what should have been cited; and what comes of it. */
export function FeedbackEntry({ id, before, after }: Props) {
  const { api } = useSigned();
  const section = useRef<HTMLElement>(null);
  const found = useQuery({ queryKey: ["feedback", "one", id], queryFn: ({ signal }) => readFeedback(api, id, signal) });
  useEffect(() => section.current?.focus({ preventScroll: true }), []);
  const entry = found.data;
  return (
    <section className="feedback-entry" ref={section} tabIndex={-1} aria-labelledby="entry-title" aria-busy={found.isPending}>
      <nav className="entry-nav" aria-label={said.list}>
        <StepLink id="" name={said.back} />
        {before !== "" && <StepLink id={before} name={said.previous} />}
        {after !== "" && <StepLink id={after} name={said.next} />}
      </nav>
      {found.error !== null && <ProblemNotice problem={Problem.from(found.error)} onRetry={() => void found.refetch()} />}
      {entry === undefined ? (
        <h2 id="entry-title">{found.error === null ? said.loading : said.title}</h2>
      ) : (
        <>
          <h2 id="entry-title">{entry.question === "" ? said.hiddenQuestion : entry.question}</h2>
          <Said entry={entry} />
          <Outcome entry={entry} after={after} />
          <TheAnswer entry={entry} />
        </>
      )}
    </section>
  );
}

function StepLink({ id, name }: { id: string; name: string }) {
  const search = ({ id: _before, ...rest }: Record<string, unknown>) => (id === "" ? rest : { ...rest, id });
  return (
    <Link to="/admin/feedback" search={search as never} activeProps={{}} className={id === "" ? "entry-back" : ""} resetScroll={false}>
      {name}
    </Link>
  );
}

function Said({ entry }: { entry: Feedback }) {
  const { open } = useSource();
  const { expected } = entry;
  return (
    <div className="entry-said">
      <p className="feedback-verdict" data-kind={entry.kind}>
        {said.verdict(said.kinds[entry.kind], said.of(entry.sentence))}
      </p>
      <p className="muted">{said.line(nameOf(entry.by), formatMoment(entry.given_at))}</p>
      {entry.words === "" ? <p className="muted">{said.noWords}</p> : <blockquote>{entry.words}</blockquote>}
      {expected !== null && (
        <>
          <h3>{said.expected}</h3>
          {expected.quote === "" ? (
            <p className="muted">{said.expectedHidden}</p>
          ) : (
            <>
              <blockquote className="entry-expected">{expected.quote}</blockquote>
              <button
                type="button"
                className="link"
                onClick={() => open({ document_id: expected.document_id, version_id: expected.version_id, span: { start: expected.start, end: expected.end } })}
              >
                {said.openExpected}
              </button>
            </>
          )}
        </>
      )}
    </div>
  );
}

/** The answer as the trail keeps it, for who may open it. */
function TheAnswer({ entry }: { entry: Feedback }) {
  const { api } = useSigned();
  const { setCited } = useSource();
  const readable = entry.answer !== "" || entry.question !== "";
  const kept = useQuery({
    queryKey: ["answers", "kept", entry.audit_id],
    queryFn: ({ signal }) => readAnswer(api, entry.audit_id, signal),
    enabled: readable,
  });
  const answer = kept.data?.answer;
  useEffect(() => {
    const sentences = (answer?.sentences ?? []).map(({ text, citations }, at) => ({ number: at + 1, text, citations }));
    setCited(
      (answer?.citations ?? []).map((citation) => ({
        citation,
        of: entry.question,
        sentences: sentences.filter(({ citations }) => citations.includes(citation.id)).map(({ number, text }) => ({ number, text })),
      })),
    );
    return () => setCited([]);
  }, [answer, entry.question, setCited]);
  return (
    <div className="entry-answer">
      <h3>{said.answer}</h3>
      {kept.data !== undefined ? (
        <CellAnswer question={entry.question} answer={kept.data.answer} heading="h4" />
      ) : !readable || (kept.error !== null && Problem.from(kept.error).status === 404) ? (
        <p className="muted">{entry.answer === "" ? said.noAnswer : entry.answer}</p>
      ) : kept.error !== null ? (
        <ProblemNotice problem={Problem.from(kept.error)} onRetry={() => void kept.refetch()} />
      ) : (
        <p role="status">{words.ui.loading}</p>
      )}
    </div>
  );
}

/** Says what comes of it, in words where they are given; then the next one is a key away. */
function Outcome({ entry, after }: { entry: Feedback; after: string }) {
  const { api } = useSigned();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [text, setText] = useState(entry.review);
  const save = useMutation({
    mutationFn: (state: FeedbackState) => resolveFeedback(api, entry.id, state, text.trim()),
    onSuccess: (changed) => {
      queries.setQueryData(["feedback", "one", entry.id], changed);
      void queries.invalidateQueries({ queryKey: ["feedback", "list"] });
    },
  });
  const next = () => {
    const search = (known: Record<string, unknown>) => ({ ...known, id: after });
    void navigate({ to: "/admin/feedback", search: search as never, resetScroll: false });
  };
  const now = save.isPending ? save.variables : entry.state;
  const button = (state: FeedbackState, name: string, look: string) =>
    entry.state !== state && (
      <button type="button" className={look} disabled={save.isPending} onClick={() => save.mutate(state)}>
        {save.isPending && save.variables === state ? said.saving : name}
      </button>
    );
  return (
    <div className="entry-outcome">
      <h3>{said.result}</h3>
      <p>
        <strong>{said.states[now]}</strong>
        {entry.reviewed_by !== "" && entry.reviewed_at !== null && (
          <span className="muted"> {said.by(nameOf(entry.reviewed_by), formatMoment(entry.reviewed_at))}</span>
        )}
      </p>
      <div className="field">
        <label htmlFor="entry-words">{said.words}</label>
        <textarea id="entry-words" rows={2} maxLength={4000} value={text} aria-describedby="entry-words-help" onChange={(event) => setText(event.target.value)} />
        <p className="hint muted" id="entry-words-help">
          {said.wordsHelp} {said.goldenWhat}
        </p>
      </div>
      <div className="entry-buttons">
        {button("accepted", said.accept, "primary")}
        {button("rejected", said.reject, "secondary")}
        {button("golden", said.golden, "secondary")}
        {button("open", said.reopen, "quiet")}
        {save.isSuccess && after !== "" && (
          <button type="button" className="secondary" onClick={next}>
            {said.next}
          </button>
        )}
      </div>
      <p role="status" className="muted">
        {save.isSuccess ? said.saved(said.states[entry.state]) : ""}
      </p>
      {save.error !== null && <ProblemNotice problem={Problem.from(save.error)} />}
    </div>
  );
}
