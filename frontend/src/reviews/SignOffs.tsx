import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Dispatch } from "react";
import { useSigned } from "../app/context";
import { Problem } from "../client/problem";
import { type SignOff, signAnswer } from "../client/reviews";
import { words } from "../strings";
import { ProblemNotice } from "../ui/ProblemNotice";
import { nameOf } from "./figures";
import type { Cell, MatrixAction } from "./matrix";
import { StateSign } from "./StateSign";

const said = words.reviews;

/** What was signed of a cell's answer and of its sentences; anybody who sees it may sign the whole of it. */
export function SignOffs({ cell, dispatch }: { cell: Cell; dispatch: Dispatch<MatrixAction> }) {
  const { api, me } = useSigned();
  const queries = useQueryClient();
  const audit_id = cell.audit_id ?? "";
  const sign = useMutation({
    mutationFn: (verdict: SignOff["verdict"] | null) => signAnswer(api, audit_id, verdict),
    onSuccess: (signed) => {
      dispatch({ type: "signed", audit_id, signed });
      void queries.invalidateQueries({ queryKey: ["answers", audit_id] });
    },
  });
  const own = cell.signed.find(({ by, sentence }) => sentence === null && by.toLowerCase() === `user:${me.user}`.toLowerCase());
  const verdict = sign.isPending ? sign.variables : (own?.verdict ?? null);
  return (
    <section className="sign-offs" aria-labelledby="sign-offs-title">
      <h3 id="sign-offs-title">{said.signOffs}</h3>
      {cell.signed.length === 0 && <p className="muted">{said.notSigned}</p>}
      <ul>
        {cell.signed.map((one) => (
          <li key={`${one.by} ${one.sentence}`} className="cell-state" data-state={one.verdict}>
            <StateSign state={one.verdict === "changed" ? "reworded" : one.verdict} />
            {said.signLine(one.sentence === null ? said.wholeAnswer : said.sentence(one.sentence), one.verdict, nameOf(one.by), one.words)}
          </li>
        ))}
      </ul>
      {sign.error !== null && <ProblemNotice problem={Problem.from(sign.error)} />}
      <div className="sign-buttons">
        {(["approved", "rejected"] as const).map((one) => (
          <button key={one} type="button" className="secondary" aria-pressed={verdict === one} disabled={sign.isPending} onClick={() => sign.mutate(one)}>
            {said.sign[one]}
          </button>
        ))}
        {own !== undefined && (
          <button type="button" className="quiet" disabled={sign.isPending} onClick={() => sign.mutate(null)}>
            {said.withdraw}
          </button>
        )}
      </div>
    </section>
  );
}
