import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useRef, useState } from "react";
import { useSigned } from "../app/context";
import { answers, type SignOff, type SignVerdict } from "../client/answers";
import { Problem } from "../client/problem";
import type { Answer } from "../client/types";
import { words } from "../strings";
import { ProblemNotice } from "../ui/ProblemNotice";
import { longDate, personOf } from "./format";
import { SentenceChoice } from "./SentenceChoice";
import { signOffsKey } from "./useSignOffs";

const told = words.answers.signOff;
const VERDICTS = Object.keys(told.sign) as SignVerdict[];

interface Props {
  answer: Answer;
  heading: "h3" | "h4" | "h5";
  /** What holds, after each change made here. */
  onSigned?: ((signed: SignOff[]) => void) | undefined;
}

/** Says that one has looked at a sentence or the whole; shows who has, when and with which words. */
export default function SignOffPanel({ answer, heading: Heading, onSigned }: Props) {
  const { api, me } = useSigned();
  const client = useQueryClient();
  const id = useId();
  const panel = useRef<HTMLElement>(null);
  const [said, setSaid] = useState("");
  const asked = { queryKey: signOffsKey(answer.audit_id), queryFn: () => answers.signOffs(api, answer.audit_id) };
  const { data: signed, error } = useQuery(asked);
  const own = (signed ?? []).filter(({ by }) => by.toLowerCase() === `user:${me.user}`.toLowerCase());

  async function changed(message: string) {
    setSaid(message);
    const holds = await client.fetchQuery({ ...asked, staleTime: 0 });
    onSigned?.(holds);
  }

  return (
    <section className="panel" ref={panel} tabIndex={-1} aria-labelledby={id}>
      <Heading id={id}>{told.heading}</Heading>
      <p className="muted">{told.lead}</p>
      <SignForm answer={answer} own={own} onChanged={changed} />
      <p role="status">{said}</p>
      <p className="panel-title">{told.list}</p>
      {error !== null && <ProblemNotice problem={Problem.from(error)} />}
      {signed?.length === 0 && <p className="muted">{told.none}</p>}
      {signed !== undefined && signed.length > 0 && (
        <ul className="signed-list">
          {signed.map((one) => (
            <Signed
              key={`${one.by} ${one.sentence}`}
              one={one}
              own={own.includes(one)}
              onWithdrawn={async () => {
                await changed(told.withdrawn(ofWhat(one.sentence)));
                panel.current?.focus({ preventScroll: true }); // the button that had it is gone
              }}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

function ofWhat(sentence: number | null): string {
  return sentence === null ? told.ofWhole : told.ofSentence(sentence);
}

interface FormProps {
  answer: Answer;
  own: SignOff[];
  onChanged: (message: string) => Promise<void>;
}

/** A verdict is a button each: the whole answer is approved with one click. */
function SignForm({ answer, own, onChanged }: FormProps) {
  const { api } = useSigned();
  const [number, setNumber] = useState(0);
  const [reworded, setReworded] = useState("");
  const [lacking, setLacking] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const sentence = number === 0 ? null : number;
  const sign = useMutation({
    mutationFn: (verdict: SignVerdict) => answers.sign(api, answer.audit_id, sentence, { verdict, words: reworded.trim() }),
    onSuccess: (_, verdict) => {
      setReworded("");
      return onChanged(told.signed(told.verdicts[verdict], ofWhat(sentence)));
    },
  });
  const before = own.find((one) => one.sentence === sentence)?.verdict;

  function choose(verdict: SignVerdict) {
    if (sign.isPending) return;
    const missing = verdict === "changed" && reworded.trim() === "";
    setLacking(missing);
    if (missing) box.current?.focus();
    else sign.mutate(verdict);
  }

  return (
    <div className="panel-form">
      <SentenceChoice label={told.of} whole={told.whole} answer={answer} value={number} onChange={setNumber} />
      <label className="field">
        <span>{told.words}</span>
        <textarea
          ref={box}
          rows={2}
          maxLength={2000}
          value={reworded}
          aria-invalid={lacking}
          aria-describedby={lacking ? id : undefined}
          onChange={(event) => {
            setReworded(event.target.value);
            setLacking(false);
          }}
        />
      </label>
      {lacking && (
        <p className="wrong" id={id} role="alert">
          {told.wordsWanted}
        </p>
      )}
      {sign.error !== null && <ProblemNotice problem={Problem.from(sign.error)} />}
      <div className="sign-buttons" role="group" aria-label={told.verdict}>
        {VERDICTS.map((verdict) => (
          <button
            key={verdict}
            type="button"
            className="secondary"
            aria-pressed={(sign.isPending ? sign.variables : before) === verdict}
            aria-disabled={sign.isPending}
            onClick={() => choose(verdict)}
          >
            {told.sign[verdict]}
          </button>
        ))}
      </div>
    </div>
  );
}

function Signed({ one, own, onWithdrawn }: { one: SignOff; own: boolean; onWithdrawn: () => Promise<void> }) {
  const { api } = useSigned();
  const of = ofWhat(one.sentence);
  const withdraw = useMutation({
    mutationFn: () => answers.withdraw(api, one.audit_id, one.sentence),
    onSuccess: onWithdrawn,
  });
  return (
    <li>
      <span>{told.entry(of, told.by(told.verdicts[one.verdict], personOf(one.by), longDate(one.at)))}</span>
      {one.words !== "" && <q className="said-words">{one.words}</q>}
      {own && (
        <button
          type="button"
          className="quiet"
          aria-disabled={withdraw.isPending}
          aria-label={told.withdrawOf(of)}
          onClick={() => withdraw.isPending || withdraw.mutate()}
        >
          {told.withdraw}
        </button>
      )}
      {withdraw.error !== null && <ProblemNotice problem={Problem.from(withdraw.error)} />}
    </li>
  );
}
