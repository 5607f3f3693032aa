import { memo } from "react";
import { useSigned } from "../app/context";
import type { Changed, Citation } from "../client/types";
import { FilterSummary } from "../filter/FilterSummary";
import { words } from "../strings";
import { formatDate } from "../ui/format";
import { useNow } from "../ui/useSeconds";
import { Warnings } from "../ui/Warnings";
import { TurnView } from "./TurnView";
import type { LiveTurn } from "./turns";

interface Props {
  turn: LiveTurn;
  /** Whether an answer in this conversation is under way. */
  busy: boolean;
  /** Whether it may be asked again here. */
  mayAsk: boolean;
  onCite: (citation: Citation) => void;
  onRetry: (turn: LiveTurn) => void;
  onAlone: (turn: LiveTurn) => void;
  onBack: (question: string) => void;
}

/** A question of a conversation with its answer, what it was narrowed to, and what has changed since. */
export const TurnItem = memo(function TurnItem({ turn, busy, mayAsk, onCite, onRetry, onAlone, onBack }: Props) {
  const { strictness } = useSigned().session;
  const running = turn.phase === "running";
  // How strictly it was checked goes without saying where that is as always.
  const filter = turn.filter.strictness === strictness.default ? { ...turn.filter, strictness: "" as const } : turn.filter;
  const onAgain = busy || !mayAsk || turn.elsewhere ? undefined : () => onRetry(turn);
  if (turn.closed) return <Closed turn={turn} />;
  return (
    <>
      <TurnView
        turn={turn}
        narrowed={words.filter.line(filter)}
        onCite={onCite}
        onRetry={onAgain}
        beside={running && <Elapsed since={turn.since} kept={turn.running !== ""} />}
        under={
          <>
            <FilterSummary value={filter} />
            {turn.asked !== "" && (
              <p className="searched-as">
                <span className="searched-as-name">{words.chat.searchedAs}</span> {turn.asked}
                {mayAsk && (
                  <button type="button" className="link" onClick={() => onAlone(turn)}>
                    {words.chat.wordsAlone}
                  </button>
                )}
              </p>
            )}
            <Warnings title={words.chat.changedTitle} lines={turn.changed.map(changedLine)} />
            {turn.changed.length > 0 && onAgain !== undefined && (
              <button type="button" className="secondary" onClick={onAgain}>
                {words.answers.answer.askAgain}
              </button>
            )}
            {turn.earlier && (
              <p className="earlier" role="status">
                {words.chat.earlier}
              </p>
            )}
          </>
        }
      />
      {(turn.phase === "failed" || (turn.phase === "stopped" && turn.elsewhere)) && mayAsk && (
        <button type="button" className="link words-back" onClick={() => onBack(turn.question)}>
          {words.chat.wordsBack}
        </button>
      )}
    </>
  );
});

function Closed({ turn }: { turn: LiveTurn }) {
  return (
    <article className="turn" aria-labelledby={`${turn.key}-closed`} data-status="closed">
      <h2 className="question" id={`${turn.key}-closed`}>
        {words.chat.closed}
      </h2>
      <p className="aside">{words.chat.closedWhat}</p>
    </article>
  );
}

/** How long it has taken. It is seen, and not announced each second. */
function Elapsed({ since, kept }: { since: number; kept: boolean }) {
  const seconds = Math.max(0, Math.floor((useNow(true) - since) / 1000));
  return (
    <p className="elapsed">
      <span className="elapsed-time">{words.chat.elapsed(seconds)}</span>
      {kept && <span> · {words.chat.goesOn}</span>}
    </p>
  );
}

export function changedLine({ change, title, version, by, stands, reason, at }: Changed): string {
  const day = formatDate(at);
  switch (change) {
    case "superseded":
      return words.chat.superseded(title, version, by, stands, day);
    case "wrong":
      return words.chat.wrong(title, version, reason, day);
    default:
      return words.chat[change](title, version, day);
  }
}
