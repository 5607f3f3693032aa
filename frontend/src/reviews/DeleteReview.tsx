import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useSigned } from "../app/context";
import { Problem } from "../client/problem";
import { deleteReview, type Review } from "../client/reviews";
import { words } from "../strings";
import { ModalDialog } from "../ui/Dialog";
import { ProblemNotice } from "../ui/ProblemNotice";

const said = words.reviews;

export function DeleteReview({ review, onClose }: { review: Review; onClose: () => void }) {
  const { api } = useSigned();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => deleteReview(api, review.id),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["reviews", "list"] });
      void navigate({ to: "/reviews", replace: true });
    },
  });
  return (
    <ModalDialog title={said.removeTitle} onClose={onClose} busy={remove.isPending}>
      <p>{said.removeWhat(review.title)}</p>
      {remove.error !== null && <ProblemNotice problem={Problem.from(remove.error)} />}
      <div className="dialog-actions">
        <button type="button" className="secondary" autoFocus disabled={remove.isPending} onClick={onClose}>
          {said.keep}
        </button>
        <button type="button" className="primary danger" disabled={remove.isPending} onClick={() => remove.mutate()}>
          {said.removeNow}
        </button>
      </div>
    </ModalDialog>
  );
}
