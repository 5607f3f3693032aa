import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useSigned } from "../app/context";
import { useSource } from "../app/source";
import { answers, type Feedback, type FeedbackIn, type FeedbackKind } from "../client/answers";
import { Problem } from "../client/problem";
import { sources } from "../client/sources";
import type { Answer } from "../client/types";
import { words } from "../strings";
import { ProblemNotice } from "../ui/ProblemNotice";
import { longDate } from "./format";

const told = words.answers.feedback;
const KINDS = Object.keys(told.kinds) as FeedbackKind[];

/** The passage that should have been cited. */
interface Expected {
  document_id: string;
  version: string;
  title: string;
  quote: string;
}

/** Saying whether an answer is right, why, and what should have been cited; it goes into the queue of those who review. */
export default function FeedbackPanel({ answer, heading: Heading }: { answer: Answer; heading: "h3" | "h4" | "h5" }) {
  const { api } = useSigned();
  const client = useQueryClient();
  const [kind, setKind] = useState<FeedbackKind>("right");
  const [sentence, setSentence] = useState(0);
  const [reason, setReason] = useState("");
  const [expected, setExpected] = useState<Expected | null>(null);
  const key = ["answers", answer.audit_id, "feedback"];
  const { data: earlier } = useQuery({ queryKey: key, queryFn: () => answers.ownFeedback(api, answer.audit_id) });
  const given = useMutation({
    mutationFn: (said: FeedbackIn) => answers.giveFeedback(api, said),
    onSuccess: () => client.invalidateQueries({ queryKey: key }),
  });

  function send(event: FormEvent) {
    event.preventDefault();
    const passage = expected === null || expected.quote.trim() === "" ? null : { document_id: expected.document_id, version: expected.version, quote: expected.quote };
    given.mutate({ audit_id: answer.audit_id, kind, sentence, words: reason, expected: passage });
  }

  return (
    <section className="panel" aria-label={told.heading}>
      <Heading>{told.heading}</Heading>
      <form className="stack" onSubmit={send}>
        <fieldset className="choices in-line">
          <legend>{told.kind}</legend>
          {KINDS.map((one) => (
            <label key={one}>
              <input type="radio" name={`feedback-${answer.audit_id}`} checked={kind === one} onChange={() => setKind(one)} />
              {told.kinds[one]}
            </label>
          ))}
        </fieldset>
        <label className="field">
          <span>{told.of}</span>
          <select value={sentence} onChange={(event) => setSentence(Number(event.target.value))}>
            <option value={0}>{told.whole}</option>
            {answer.sentences.map(({ text, start }, at) => (
              <option key={start} value={at + 1}>
                {told.sentence(at + 1, text)}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>{told.reason}</span>
          <textarea rows={2} maxLength={4000} value={reason} onChange={(event) => setReason(event.target.value)} />
        </label>
        {kind !== "right" && <Passage expected={expected} onChange={setExpected} />}
        {given.error !== null && <ProblemNotice problem={Problem.from(given.error)} />}
        <div className="view-actions">
          <button type="submit" className="primary" disabled={given.isPending}>
            {given.isPending ? told.sending : told.send}
          </button>
          <span className="said" role="status">
            {given.isSuccess && told.sent}
          </span>
        </div>
      </form>
      {earlier !== undefined && earlier.length > 0 && <Earlier said={earlier} />}
    </section>
  );
}

/** Chosen by opening the document in the pane: the words that are selected in its text, or pasted ones. */
function Passage({ expected, onChange }: { expected: Expected | null; onChange: (expected: Expected | null) => void }) {
  const { api } = useSigned();
  const { place } = useSource();
  const [none, setNone] = useState(false);
  const asked = place === null ? null : { document_id: place.document_id, version_id: place.version_id };
  const shown = useQuery({
    queryKey: ["feedback", "pane", asked],
    queryFn: () => sources.text(api, asked ?? { document_id: "", version_id: "" }),
    enabled: asked !== null,
  });
  function take() {
    const selected = selectedInPane();
    setNone(selected === "");
    if (selected !== "" && asked !== null) {
      onChange({ document_id: asked.document_id, version: shown.data?.version_id ?? asked.version_id, title: shown.data?.title ?? "", quote: selected });
    }
  }
  return (
    <fieldset className="choices">
      <legend>{told.expected}</legend>
      <p className="muted">{told.expectedHint}</p>
      {expected === null ? (
        <button type="button" className="secondary" disabled={shown.data === undefined} onMouseDown={(event) => event.preventDefault()} onClick={take}>
          {told.fromPane(shown.data?.title ?? words.shell.documents)}
        </button>
      ) : (
        <>
          <p>{told.taken(expected.title)}</p>
          <textarea rows={3} aria-label={told.quote} value={expected.quote} onChange={(event) => onChange({ ...expected, quote: event.target.value })} />
          <button type="button" className="quiet" onClick={() => onChange(null)}>
            {told.clear}
          </button>
        </>
      )}
      {none && <p role="status">{told.nothingSelected}</p>}
    </fieldset>
  );
}

/** The words that are selected in the source pane; "" where the selection lies elsewhere. */
function selectedInPane(): string {
  const selection = getSelection();
  const anchor = selection?.anchorNode?.parentElement;
  return anchor?.closest(".source") ? (selection?.toString().trim() ?? "") : "";
}

function Earlier({ said }: { said: Feedback[] }) {
  return (
    <>
      <h4>{told.earlier}</h4>
      <ul className="signed-list">
        {said.map((one) => (
          <li key={one.id}>
            {told.said(told.kinds[one.kind], one.sentence === 0 ? told.ofWhole : told.ofSentence(one.sentence), longDate(one.given_at))}
            {one.words !== "" && ` ${told.words(one.words)}`}
            <span className="muted"> {told.reviewed(told.states[one.state], one.review)}</span>
          </li>
        ))}
      </ul>
      <p className="muted">{told.replaces}</p>
    </>
  );
}
