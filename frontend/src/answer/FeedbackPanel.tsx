import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { useSigned } from "../app/context";
import { answers, type Feedback, type FeedbackKind } from "../client/answers";
import { Problem } from "../client/problem";
import type { Answer } from "../client/types";
import { words } from "../strings";
import { ProblemNotice } from "../ui/ProblemNotice";
import { Expected, type ExpectedPassage } from "./Expected";
import { longDate } from "./format";
import { SentenceChoice } from "./SentenceChoice";

const told = words.answers.feedback;
const KINDS = Object.entries(told.kinds) as [FeedbackKind, string][];

/** Says whether an answer is right, why not, and what it should have cited; shows what one has said before. */
export default function FeedbackPanel({ answer, heading: Heading }: { answer: Answer; heading: "h3" | "h4" | "h5" }) {
  const { api } = useSigned();
  const client = useQueryClient();
  const queryKey = ["answers", answer.audit_id, "feedback"];
  const { data: earlier, error } = useQuery({ queryKey, queryFn: () => answers.ownFeedback(api, answer.audit_id) });
  const id = useId();
  const [kind, setKind] = useState<FeedbackKind | null>(null);
  const [sentence, setSentence] = useState(0);
  const [said, setSaid] = useState("");
  const [expected, setExpected] = useState<ExpectedPassage | null>(null);
  const send = useMutation({
    mutationFn: (chosen: FeedbackKind) =>
      answers.giveFeedback(api, {
        audit_id: answer.audit_id,
        kind: chosen,
        sentence,
        words: said.trim(),
        ...(expected === null || chosen === "right" ? {} : { expected }),
      }),
    onSuccess: () => {
      setSaid("");
      return client.invalidateQueries({ queryKey });
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (kind !== null && !send.isPending) send.mutate(kind);
  }
  return (
    <section className="panel" aria-labelledby={id} tabIndex={-1}>
      <Heading id={id}>{told.heading}</Heading>
      <form className="panel-form" onSubmit={submit}>
        <fieldset className="choices">
          <legend>{told.kind}</legend>
          {KINDS.map(([value, label]) => (
            <label key={value}>
              <input type="radio" name={`${id} kind`} required checked={kind === value} onChange={() => setKind(value)} />
              {label}
            </label>
          ))}
        </fieldset>
        <SentenceChoice label={told.of} whole={told.whole} answer={answer} value={sentence} onChange={setSentence} />
        <label className="field">
          <span>{told.reason}</span>
          <textarea rows={2} maxLength={4000} value={said} onChange={(event) => setSaid(event.target.value)} />
        </label>
        {kind !== null && kind !== "right" && <Expected value={expected} onChange={setExpected} />}
        {send.error !== null && <ProblemNotice problem={Problem.from(send.error)} />}
        <div className="panel-send">
          <button type="submit" className="primary" aria-disabled={send.isPending}>
            {send.isPending ? told.sending : told.send}
          </button>
          <span role="status">{send.isSuccess ? told.sent : ""}</span>
        </div>
      </form>
      {error !== null && <ProblemNotice problem={Problem.from(error)} />}
      {earlier !== undefined && earlier.length > 0 && <Earlier said={earlier} />}
    </section>
  );
}

function Earlier({ said }: { said: Feedback[] }) {
  return (
    <>
      <p className="panel-title">{told.earlier}</p>
      <ul className="signed-list">
        {said.map((one) => (
          <li key={one.id}>
            <span>
              {told.said(told.kinds[one.kind], one.sentence === 0 ? told.ofWhole : told.ofSentence(one.sentence), longDate(one.given_at))}
            </span>
            {one.words !== "" && <q className="said-words">{one.words}</q>}
            {one.expected !== null && one.expected.quote !== "" && (
              <blockquote className="footnote-quote">{one.expected.quote}</blockquote>
            )}
            <span className="muted">{told.reviewed(told.states[one.state], one.review)}</span>
          </li>
        ))}
      </ul>
      <p className="muted">{told.replaces}</p>
    </>
  );
}
