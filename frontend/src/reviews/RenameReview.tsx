import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type Dispatch, type FormEvent, useState } from "react";
import { useSigned } from "../app/context";
import { Problem } from "../client/problem";
import { changeReview, type Review } from "../client/reviews";
import { words } from "../strings";
import { ModalDialog } from "../ui/Dialog";
import { ProblemNotice } from "../ui/ProblemNotice";
import type { MatrixAction } from "./matrix";

const said = words.reviews;

export function RenameReview({ review, dispatch, onClose }: { review: Review; dispatch: Dispatch<MatrixAction>; onClose: () => void }) {
  const { api } = useSigned();
  const queries = useQueryClient();
  const [title, setTitle] = useState(review.title);
  const rename = useMutation({
    mutationFn: () => changeReview(api, review.id, { title: title.trim() }),
    onSuccess: (changed) => {
      dispatch({ type: "changed", review: changed });
      void queries.invalidateQueries({ queryKey: ["reviews", "list"] });
      onClose();
    },
  });
  function onSubmit(event: FormEvent) {
    event.preventDefault();
    if (title.trim() !== "") rename.mutate();
  }
  return (
    <ModalDialog title={said.renameTitle} onClose={onClose} busy={rename.isPending}>
      <form onSubmit={onSubmit}>
        <div className="field">
          <label htmlFor="rename-title">{said.name}</label>
          <input id="rename-title" autoFocus required maxLength={200} value={title} onChange={(event) => setTitle(event.target.value)} />
        </div>
        {rename.error !== null && <ProblemNotice problem={Problem.from(rename.error)} />}
        <div className="dialog-actions">
          <button type="button" className="secondary" disabled={rename.isPending} onClick={onClose}>
            {words.ui.cancel}
          </button>
          <button type="submit" className="primary" disabled={rename.isPending || title.trim() === ""}>
            {rename.isPending ? said.saving : said.save}
          </button>
        </div>
      </form>
    </ModalDialog>
  );
}
