import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
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
const VERDICTS = Object.entries(told.verdicts) as [SignVerdict, string][];

/** Says that one has looked at a sentence or the whole; shows who has, when and with which words. */
export default function SignOffPanel({ answer, heading: Heading }: { answer: Answer; heading: "h3" | "h4" | "h5" }) {
  const { api } = useSigned();
  const id = useId();
  const { data, error } = useQuery({
    queryKey: signOffsKey(answer.audit_id),
    queryFn: () => answers.signOffs(api, answer.audit_id),
  });
  return (
    <section className="panel" aria-labelledby={id} tabIndex={-1}>
      <Heading id={id}>{told.heading}</Heading>
      <p className="muted">{told.lead}</p>
      <SignForm answer={answer} />
      <p className="panel-title">{told.list}</p>
      {error !== null && <ProblemNotice problem={Problem.from(error)} />}
      {data?.length === 0 && <p className="muted">{told.none}</p>}
      {data !== undefined && data.length > 0 && (
        <ul className="signed-list">
          {data.map((one) => (
            <Signed key={`${one.by} ${one.sentence}`} one={one} />
          ))}
        </ul>
      )}
    </section>
  );
}

function SignForm({ answer }: { answer: Answer }) {
  const { api } = useSigned();
  const client = useQueryClient();
  const [sentence, setSentence] = useState(0);
  const [verdict, setVerdict] = useState<SignVerdict>("approved");
  const [said, setSaid] = useState("");
  const name = useId();
  const sign = useMutation({
    mutationFn: () => answers.sign(api, answer.audit_id, sentence || null, { verdict, words: said }),
    onSuccess: () => {
      setSaid("");
      return client.invalidateQueries({ queryKey: signOffsKey(answer.audit_id) });
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (!sign.isPending) sign.mutate();
  }
  const wanted = verdict === "changed";
  return (
    <form className="panel-form" onSubmit={submit}>
      <SentenceChoice label={told.of} whole={told.whole} answer={answer} value={sentence} onChange={setSentence} />
      <fieldset className="choices">
        <legend>{told.verdict}</legend>
        {VERDICTS.map(([value, label]) => (
          <label key={value}>
            <input type="radio" name={name} checked={verdict === value} onChange={() => setVerdict(value)} />
            {label}
          </label>
        ))}
      </fieldset>
      <label className="field">
        <span>{wanted ? told.wordsWanted : told.words}</span>
        <textarea rows={2} maxLength={2000} required={wanted} value={said} onChange={(event) => setSaid(event.target.value)} />
      </label>
      {sign.error !== null && <ProblemNotice problem={Problem.from(sign.error)} />}
      <button type="submit" className="primary" aria-disabled={sign.isPending}>
        {sign.isPending ? told.signing : told.sign}
      </button>
    </form>
  );
}

function Signed({ one }: { one: SignOff }) {
  const { api, me } = useSigned();
  const client = useQueryClient();
  const of = one.sentence === null ? told.ofWhole : told.ofSentence(one.sentence);
  const withdraw = useMutation({
    mutationFn: () => answers.withdraw(api, one.audit_id, one.sentence),
    onSettled: () => client.invalidateQueries({ queryKey: signOffsKey(one.audit_id) }),
  });
  return (
    <li>
      <span>{told.entry(of, told.by(told.verdicts[one.verdict], personOf(one.by), longDate(one.at)))}</span>
      {one.words !== "" && <q className="said-words">{one.words}</q>}
      {one.by === `user:${me.user}` && (
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
