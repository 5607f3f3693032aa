import { useMutation, useQuery } from "@tanstack/react-query";
import { carries, useSigned } from "../app/context";
import { answers, type Replay, type WhyAnswer } from "../client/answers";
import { Problem } from "../client/problem";
import type { Answer, Citation } from "../client/types";
import { words } from "../strings";
import { ModalDialog } from "../ui/Dialog";
import { ProblemNotice } from "../ui/ProblemNotice";
import { FoundTable, usesOf } from "./FoundTable";
import { LookedAtTable } from "./LookedAtTable";
import { useReading } from "./reading";
import { Record } from "./Record";

const told = words.answers.why;

/** Why the answer is what it is: what was found and not cited, what became of each sentence, and the record. */
export default function WhyDrawer({ answer, onClose }: { answer: Answer; onClose: () => void }) {
  const { api, me } = useSigned();
  const { onCite } = useReading();
  const { data, error } = useQuery({
    queryKey: ["answers", answer.audit_id, "why"],
    queryFn: () => answers.why(api, answer.audit_id),
    retry: false,
  });
  function open(citation: Citation) {
    onClose();
    // The dialog gives the focus back in the frame after it is gone; from there the pane takes it, and gives it back.
    requestAnimationFrame(() => requestAnimationFrame(() => onCite(citation)));
  }
  return (
    <ModalDialog title={told.heading} onClose={onClose} side className="why">
      {data === undefined && error === null && (
        <p className="muted" role="status">
          {told.loading}
        </p>
      )}
      {error !== null && <NotTold problem={Problem.from(error)} />}
      {data !== undefined && <Explained why={data} onOpen={open} />}
      <Record answer={answer} />
      {carries(me, "audit") && <ForAuditors auditId={answer.audit_id} />}
    </ModalDialog>
  );
}

function NotTold({ problem }: { problem: Problem }) {
  if (problem.status !== 404) return <ProblemNotice problem={problem} />;
  return <ProblemNotice problem={new Problem(told.notKept, told.notKeptWhat, problem.code)} />;
}

function Explained({ why, onOpen }: { why: WhyAnswer; onOpen: (citation: Citation) => void }) {
  const { wrote, passed, withheld, left_out, quoted } = why.counts;
  const cited = why.passages.filter((one) => usesOf(one).length > 0).length;
  return (
    <>
      <section aria-labelledby="found-title">
        <h3 id="found-title">{told.found}</h3>
        <p>{told.searchedAs(why.asked.query)}</p>
        {why.asked.parts.length > 0 && <p>{told.parts(why.asked.parts)}</p>}
        {why.asked.hypothesis !== "" && <p>{told.imagined}</p>}
        <p className="muted">{told.foundLead(why.passages.length, cited)}</p>
        {why.passages.length > 0 && <FoundTable passages={why.passages} onOpen={onOpen} />}
      </section>
      <section aria-labelledby="looked-title">
        <h3 id="looked-title">{told.drafted}</h3>
        <p>{told.counts(wrote, passed, withheld, left_out)}</p>
        {quoted > 0 && <p>{told.quoted(quoted)}</p>}
        {!why.in_order && <p className="muted">{told.notInOrder}</p>}
        {why.sentences.length > 0 && <LookedAtTable sentences={why.sentences} />}
      </section>
    </>
  );
}

/** For the scope `audit`: the entry of the trail, and the answer made again. */
function ForAuditors({ auditId }: { auditId: string }) {
  const { api } = useSigned();
  const replay = useMutation({ mutationFn: () => answers.replay(api, auditId) });
  return (
    <section className="for-auditors" aria-label={told.forAuditors}>
      <a href={`./#/admin/audit?entry=${encodeURIComponent(auditId)}`}>{told.trail}</a>
      <button type="button" className="secondary" aria-disabled={replay.isPending} onClick={() => replay.isPending || replay.mutate()}>
        {told.replay}
      </button>
      <div role="status">
        {replay.isPending && <p className="muted">{told.replaying}</p>}
        {replay.data !== undefined && <Replayed found={replay.data} />}
      </div>
      {replay.error !== null && <ProblemNotice problem={Problem.from(replay.error)} />}
    </section>
  );
}

function Replayed({ found }: { found: Replay }) {
  return (
    <>
      <p>{found.same ? told.same : told.different}</p>
      <ul className="replayed">
        {found.stages.map(({ stage, outcome, said }) => (
          <li key={stage}>{told.replayedStage(stage, outcome, said)}</li>
        ))}
      </ul>
    </>
  );
}
