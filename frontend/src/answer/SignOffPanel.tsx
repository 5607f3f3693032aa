import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useSigned } from "../app/context";
import { answers, type SignOff, type SignVerdict } from "../client/answers";
import { Problem } from "../client/problem";
import type { Answer } from "../client/types";
import { words } from "../strings";
import { ProblemNotice } from "../ui/ProblemNotice";
import { longDate, personOf } from "./format";
import { signOffsKey } from "./useSignOffs";

const told = words.answers.signOff;
const VERDICTS = Object.keys(told.verdicts) as SignVerdict[];

interface Props {
  answer: Answer;
  signOffs: SignOff[];
  heading: "h3" | "h4" | "h5";
}

/** Saying that one has looked at a sentence or at the whole, and who has. */
export default function SignOffPanel({ answer, signOffs, heading: Heading }: Props) {
  const { api, me } = useSigned();
  const client = useQueryClient();
  const [sentence, setSentence] = useState<number | null>(null);
  const [verdict, setVerdict] = useState<SignVerdict>("approved");
  const [said, setSaid] = useState("");
  const key = signOffsKey(answer.audit_id);
  const again = async () => {
    client.setQueryData(key, await answers.signOffs(api, answer.audit_id));
  };
  const signed = useMutation({
    mutationFn: () => answers.sign(api, answer.audit_id, sentence, { verdict, words: said }),
    onSuccess: async () => {
      setSaid("");
      await again();
    },
  });
  const withdrawn = useMutation({
    mutationFn: (of: number | null) => answers.withdraw(api, answer.audit_id, of),
    onSuccess: again,
  });
  const problem = signed.error ?? withdrawn.error;

  function sign(event: FormEvent) {
    event.preventDefault();
    signed.mutate();
  }

  return (
    <section className="panel" aria-label={told.heading}>
      <Heading>{told.heading}</Heading>
      <p className="muted">{told.lead}</p>
      <form className="stack" onSubmit={sign}>
        <label className="field">
          <span>{told.of}</span>
          <select value={sentence ?? 0} onChange={(event) => setSentence(Number(event.target.value) || null)}>
            <option value={0}>{told.whole}</option>
            {answer.sentences.map(({ text, start }, at) => (
              <option key={start} value={at + 1}>
                {words.answers.feedback.sentence(at + 1, text)}
              </option>
            ))}
          </select>
        </label>
        <fieldset className="choices">
          <legend>{told.verdict}</legend>
          {VERDICTS.map((one) => (
            <label key={one}>
              <input type="radio" name={`verdict-${answer.audit_id}`} checked={verdict === one} onChange={() => setVerdict(one)} />
              {told.verdicts[one]}
            </label>
          ))}
        </fieldset>
        <label className="field">
          <span>{verdict === "changed" ? told.wordsWanted : told.words}</span>
          <textarea rows={2} maxLength={4000} required={verdict === "changed"} value={said} onChange={(event) => setSaid(event.target.value)} />
        </label>
        {problem !== null && <ProblemNotice problem={Problem.from(problem)} />}
        <div>
          <button type="submit" className="primary" disabled={signed.isPending}>
            {signed.isPending ? told.signing : told.sign}
          </button>
        </div>
      </form>
      <h4>{told.list}</h4>
      {signOffs.length === 0 && <p className="muted">{told.none}</p>}
      <ul className="signed-list">
        {signOffs.map((one) => (
          <li key={`${one.by} ${one.sentence}`}>
            {subject(one)}: {told.by(told.verdicts[one.verdict], personOf(one.by), longDate(one.at))}
            {one.words !== "" && told.said(one.words)}
            {one.by.toLowerCase() === `user:${me.user}`.toLowerCase() && (
              <button type="button" className="quiet" aria-label={told.withdrawOf(subject(one))} disabled={withdrawn.isPending} onClick={() => withdrawn.mutate(one.sentence)}>
                {told.withdraw}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function subject({ sentence }: SignOff): string {
  return sentence === null ? told.ofWhole : told.ofSentence(sentence);
}
