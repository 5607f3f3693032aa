import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type Dispatch, type FormEvent, useState } from "react";
import { useSigned } from "../app/context";
import { Problem } from "../client/problem";
import { type Review, shareReview } from "../client/reviews";
import { words } from "../strings";
import { ModalDialog } from "../ui/Dialog";
import { ProblemNotice } from "../ui/ProblemNotice";
import { nameOf } from "./figures";
import type { MatrixAction } from "./matrix";

const said = words.reviews;
type Kind = "user" | "group";

/** With whom it is shared; each change holds at once. */
export function ShareReview({ review, dispatch, onClose }: { review: Review; dispatch: Dispatch<MatrixAction>; onClose: () => void }) {
  const { api, me, session } = useSigned();
  const queries = useQueryClient();
  const [kind, setKind] = useState<Kind>("user");
  const [name, setName] = useState("");
  const share = useMutation({
    mutationFn: (principals: string[]) => shareReview(api, review.id, principals),
    onSuccess: (changed) => {
      dispatch({ type: "changed", review: changed });
      setName("");
      void queries.invalidateQueries({ queryKey: ["reviews", "list"] });
    },
  });
  const known = kind === "group" ? me.groups : session.people.map(({ user }) => user).filter((user) => user !== me.user);
  function onSubmit(event: FormEvent) {
    event.preventDefault();
    const wanted = `${kind}:${name.trim()}`;
    if (name.trim() !== "" && !review.shares.includes(wanted)) share.mutate([...review.shares, wanted]);
  }
  return (
    <ModalDialog title={said.shareTitle} onClose={onClose}>
      <p className="muted">{said.shareWhat}</p>
      <h3 className="dialog-part">{said.sharedNow}</h3>
      {review.shares.length === 0 && <p className="muted">{said.sharedNobody}</p>}
      <ul className="share-list">
        {review.shares.map((principal) => (
          <li key={principal}>
            <span>{nameOf(principal)}</span>
            <button
              type="button"
              className="quiet"
              disabled={share.isPending}
              aria-label={`${said.unshareSign}: ${nameOf(principal)}`}
              onClick={() => share.mutate(review.shares.filter((one) => one !== principal))}
            >
              {said.unshareSign}
            </button>
          </li>
        ))}
      </ul>
      <form className="share-form" onSubmit={onSubmit}>
        <div className="field">
          <label htmlFor="share-kind">{said.kindLabel}</label>
          <select id="share-kind" value={kind} onChange={(event) => setKind(event.target.value as Kind)}>
            <option value="user">{said.kinds.user}</option>
            <option value="group">{said.kinds.group}</option>
          </select>
        </div>
        <div className="field">
          <label htmlFor="share-who">{said.who}</label>
          <input
            id="share-who"
            list="share-known"
            autoFocus
            autoComplete="off"
            maxLength={200}
            placeholder={said.whoPlaceholder[kind]}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <datalist id="share-known">
            {known.map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
        </div>
        <button type="submit" className="primary" disabled={share.isPending || name.trim() === ""}>
          {share.isPending ? said.saving : said.addWho}
        </button>
      </form>
      {share.error !== null && <ProblemNotice problem={Problem.from(share.error)} />}
    </ModalDialog>
  );
}
