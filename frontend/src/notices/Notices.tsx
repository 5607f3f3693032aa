import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useSigned } from "../app/context";
import { listNotices, type Notice, seeNotices } from "../client/feedback";
import { Problem } from "../client/problem";
import { isOwn, nameOf } from "../conversations/owners";
import { words } from "../strings";
import "../styles/feedback.css";
import { ModalDialog } from "../ui/Dialog";
import { formatMoment } from "../ui/format";
import { useVisible } from "../ui/hooks";
import { ProblemNotice } from "../ui/ProblemNotice";

const said = words.notices;
const KEY = ["notices"];
const LOOK_MS = 120_000;
const AT_ONCE = 100; // that are seen with one call

/** A quiet bell: answers of one's own, or shared with one, that rest on what has changed since, each with a way to it. */
export function Notices() {
  const { api } = useSigned();
  const visible = useVisible();
  const found = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => listNotices(api, signal),
    refetchInterval: visible ? LOOK_MS : false,
    staleTime: LOOK_MS / 2,
  });
  const notices = found.data ?? [];
  const seen = useSeen();
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <button type="button" className="quiet notices-button" aria-haspopup="dialog" aria-label={said.button(notices.length)} onClick={() => setOpen(true)}>
        <Bell />
        {notices.length > 0 && <span className="notices-count">{notices.length}</span>}
      </button>
      {open && (
        <ModalDialog title={said.title} side onClose={close}>
          <p className="muted">{notices.length === 0 ? said.none : said.what}</p>
          {found.error !== null && <ProblemNotice problem={Problem.from(found.error)} onRetry={() => void found.refetch()} />}
          {seen.error !== null && <ProblemNotice problem={Problem.from(seen.error)} />}
          <ul className="notices-list">
            {notices.map((notice) => (
              <li key={notice.audit_id}>
                <One notice={notice} onSeen={() => seen.mutate([notice.audit_id])} onLeave={close} />
              </li>
            ))}
          </ul>
          {notices.length > 1 && (
            <div className="dialog-actions">
              <button type="button" className="secondary" onClick={() => seen.mutate(notices.map(({ audit_id }) => audit_id))}>
                {said.allSeen}
              </button>
            </div>
          )}
        </ModalDialog>
      )}
    </>
  );
}

function One({ notice, onSeen, onLeave }: { notice: Notice; onSeen: () => void; onLeave: () => void }) {
  const { me, session } = useSigned();
  const about = [
    isOwn(notice.asked_by, me.user) ? "" : said.sharedBy(nameOf(notice.asked_by, session.people)),
    said.asked(formatMoment(notice.asked_at)),
    notice.asked_again === "" ? "" : said.again,
  ];
  return (
    <>
      <p className="notices-question">{notice.question}</p>
      {linesOf(notice).map((line) => (
        <p key={line}>{line}</p>
      ))}
      <p className="muted">{about.filter(Boolean).join(". ")}</p>
      <p className="notices-actions">
        <Link to="/answers/$id" params={{ id: notice.audit_id } as never} onClick={onLeave}>
          {said.openAnswer}
        </Link>
        {notice.asked_again !== "" && (
          <Link to="/answers/$id" params={{ id: notice.asked_again } as never} onClick={onLeave}>
            {said.openNewer}
          </Link>
        )}
        {notice.cells.map((cell) => (
          <Link
            key={`${cell.review_id} ${cell.document_id} ${cell.question}`}
            to="/reviews/$id"
            params={{ id: cell.review_id } as never}
            search={{ cell: `${cell.document_id}.${cell.question}` } as never}
            onClick={onLeave}
          >
            {said.openCell(cell.title)}
          </Link>
        ))}
        <button type="button" className="link" onClick={onSeen}>
          {said.seen}
        </button>
      </p>
    </>
  );
}

/** What has become of each version that the answer rests on. */
export function linesOf({ changed }: Pick<Notice, "changed">): string[] {
  return changed.map((one) => {
    const { change, title } = one;
    const told = change === "superseded" ? said.change.superseded(title, one.by) : change === "wrong" ? said.change.wrong(title, one.reason) : said.change[change](title);
    return one.stands == null ? `${told}.` : `${told}. ${said.stands(one.stands)}`;
  });
}

/** What is seen goes from the list at once, and comes back where that could not be told. */
function useSeen() {
  const { api } = useSigned();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (answers: string[]) => seeNotices(api, answers.slice(0, AT_ONCE)),
    onMutate: async (answers) => {
      await queries.cancelQueries({ queryKey: KEY });
      queries.setQueryData<Notice[]>(KEY, (known = []) => known.filter(({ audit_id }) => !answers.includes(audit_id)));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

function Bell() {
  return (
    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
      <path d="M5 8.5a5 5 0 0 1 10 0c0 4 1.5 5 1.5 5h-13S5 12.5 5 8.5zM8.3 16.5a2 2 0 0 0 3.4 0" />
    </svg>
  );
}
