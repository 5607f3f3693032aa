import { Link } from "@tanstack/react-router";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Switch } from "react-aria-components";
import { useSigned } from "../app/context";
import { Problem } from "../client/problem";
import { cancelReview, changeReview, exportReview, type Review, type ReviewFile, resumeReview } from "../client/reviews";
import { words } from "../strings";
import { formatDate, formatMoment } from "../ui/format";
import { ActionMenu } from "../ui/Menu";
import { ProblemNotice } from "../ui/ProblemNotice";
import { save } from "../ui/save";
import { DeleteReview } from "./DeleteReview";
import { countsLine, elapsed, isOwn, nameOf, progressLine } from "./figures";
import { ended } from "./matrix";
import { Progress } from "./Progress";
import { RenameReview } from "./RenameReview";
import { ShareReview } from "./ShareReview";
import type { OpenedMatrix } from "./useMatrix";

const said = words.reviews;

/** What the review is, how far it is, and what can be done with it: for others than its owner, only to look and export. */
export function Head({ review, opened }: { review: Review; opened: OpenedMatrix }) {
  const { me } = useSigned();
  const own = isOwn(review, me);
  const [dialog, setDialog] = useState<"rename" | "share" | "delete" | null>(null);
  const { problem, done, files, run } = useActions(review, opened);
  const close = () => setDialog(null);
  return (
    <div className="review-head">
      <p className="review-back">
        <Link to="/reviews" activeOptions={{ exact: true }}>{said.back}</Link>
      </p>
      <div className="review-title-line">
        <h1 id="review-title">{review.title}</h1>
        <div className="review-actions">
          {own && review.status === "running" && (
            <button type="button" className="secondary" disabled={run.isPending} onClick={() => run.mutate("cancel")}>
              {run.isPending && run.variables === "cancel" ? said.cancelling : said.cancel}
            </button>
          )}
          {own && mayGoOn(review) && (
            <button type="button" className="secondary" disabled={run.isPending} title={said.resumeWhat} onClick={() => run.mutate("resume")}>
              {review.status === "cancelled" ? said.resume : said.resumeEnded(again(review))}
            </button>
          )}
          <ActionMenu
            label={files.isPending ? said.exporting : said.export}
            className="secondary"
            actions={[(["xlsx", "docx"] as const).map((id) => ({ id, name: said.exportAs[id], onAction: () => files.mutate(id) }))]}
          />
          {own && (
            <ActionMenu
              label={said.actions}
              className="secondary"
              actions={[
                [
                  { id: "rename", name: said.rename, onAction: () => setDialog("rename") },
                  { id: "share", name: said.share, onAction: () => setDialog("share") },
                ],
                [{ id: "delete", name: said.remove, onAction: () => setDialog("delete"), danger: true }],
              ]}
            />
          )}
        </div>
      </div>
      <About review={review} own={own} />
      <div className="review-standing">
        <span className="review-status" data-state={review.status}>
          {said.status[review.status]}
        </span>
        <Progress review={review} />
        <Elapsed review={review} />
        {own && <Live review={review} opened={opened} />}
      </div>
      <Announced review={review} />
      <p className="visually-hidden" role="status">
        {done}
      </p>
      {problem !== null && <ProblemNotice problem={problem} />}
      {dialog === "rename" && <RenameReview review={review} dispatch={opened.dispatch} onClose={close} />}
      {dialog === "share" && <ShareReview review={review} dispatch={opened.dispatch} onClose={close} />}
      {dialog === "delete" && <DeleteReview review={review} onClose={close} />}
    </div>
  );
}

/** Without what file systems refuse. */
function fileName(title: string, format: ReviewFile): string {
  return `${title.replaceAll(/[\\/:*?"<>|\p{Cc}]+/gu, " ").trim()}.${format}`;
}

function again({ counts }: Review): number {
  return (counts.failed ?? 0) + (counts.stale ?? 0);
}

function mayGoOn(review: Review): boolean {
  return review.status === "cancelled" || (review.status === "done" && again(review) > 0);
}

function About({ review, own }: { review: Review; own: boolean }) {
  const told = [
    said.size(review.documents, review.questions.length),
    review.as_of === null ? "" : said.asOf(formatDate(review.as_of)),
    review.strictness === "strict" ? said.strict : "",
    own && review.shares.length > 0 ? said.sharedWith(review.shares.length) : "",
    own ? "" : said.sharedNote(nameOf(review.owner)),
  ];
  return <p className="muted review-about">{told.filter(Boolean).join(" · ")}</p>;
}

/** How long it runs, or when it was begun. */
function Elapsed({ review }: { review: Review }) {
  const [now, setNow] = useState(Date.now);
  const running = review.status === "running";
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [running]);
  return <span className="muted review-elapsed">{running ? said.elapsed(elapsed(review.created_at, now)) : said.begun(formatMoment(review.created_at))}</span>;
}

/** Progress for screen readers: each tenth and the end, not each cell. */
function Announced({ review }: { review: Review }) {
  const tenth = review.cells === 0 ? 0 : Math.floor((ended(review) / review.cells) * 10) * 10;
  const first = useRef(`${review.status} ${tenth}`);
  const now = `${review.status} ${tenth}`;
  const quiet = first.current === now;
  if (!quiet) first.current = "";
  const told = review.status === "running" ? said.announced(review.title, tenth) : said.announcedEnd(review.title, `${progressLine(review)}. ${countsLine(review)}`);
  return (
    <p className="visually-hidden" role="status">
      {quiet ? "" : told}
    </p>
  );
}

function Live({ review, opened }: { review: Review; opened: OpenedMatrix }) {
  const { api } = useSigned();
  const change = useMutation({
    mutationFn: (live: boolean) => changeReview(api, review.id, { live }),
    onSuccess: (changed) => opened.dispatch({ type: "changed", review: changed }),
  });
  const live = change.isPending ? change.variables : review.live;
  return (
    <>
      <Switch className="switch" isSelected={live} isDisabled={change.isPending} onChange={(wanted) => change.mutate(wanted)}>
        <span className="switch-track" aria-hidden="true" />
        {said.keepLive}
      </Switch>
      {change.error !== null && <ProblemNotice problem={Problem.from(change.error)} />}
    </>
  );
}

function useActions(review: Review, opened: OpenedMatrix) {
  const { api } = useSigned();
  const queries = useQueryClient();
  const [done, setDone] = useState("");
  const run = useMutation({
    mutationFn: async (what: "cancel" | "resume") => {
      if (what === "cancel") await cancelReview(api, review.id);
      else setDone(said.againDone(await resumeReview(api, review.id)));
      await opened.look();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["reviews", "list"] }),
  });
  const files = useMutation({
    mutationFn: async (format: ReviewFile) => save(await exportReview(api, review.id, format), fileName(review.title, format)),
    onMutate: () => setDone(said.exporting),
    onSuccess: () => setDone(said.exported),
  });
  const error = run.error ?? files.error;
  return { run, files, done, problem: error === null ? null : Problem.from(error) };
}
