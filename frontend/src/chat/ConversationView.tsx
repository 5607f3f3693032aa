import { useNavigate, useSearch } from "@tanstack/react-router";
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useSigned } from "../app/context";
import { type Cited, useSource } from "../app/source";
import { useTitle } from "../app/title";
import type { ConversationDetail } from "../client/conversations";
import { ConversationBar } from "../conversations/ConversationBar";
import { isOwn, nameOf } from "../conversations/owners";
import { type Filter, NO_FILTER, offeredStrictness } from "../filter/filter";
import { words } from "../strings";
import { suggestionsFor } from "../suggestions";
import { Composer } from "./Composer";
import { writeDraft } from "./drafts";
import { isRunning, shownTurns, type Thread } from "./threads";
import { TurnItem } from "./TurnItem";
import type { LiveTurn } from "./turns";
import { useChatState } from "./useChat";
import { Welcome } from "./Welcome";

/** Under what the draft of a new conversation is kept. */
const NEW = "new";

interface Props {
  /** What was asked in it from this page. */
  thread: Thread | undefined;
  /** Null: a new one. */
  id: string | null;
  detail: ConversationDetail | undefined;
  opening: boolean;
}

/** One conversation, or the beginning of one. */
export function ConversationView({ thread, id, detail, opening }: Props) {
  const { session, me } = useSigned();
  const { ask, retry, stop, choose } = useChatState();
  const { openCitation, setCited } = useSource();
  const navigate = useNavigate();
  const [back, setBack] = useState<{ words: string } | null>(null);
  const log = useRef<HTMLElement>(null);
  const live = thread?.turns;
  const turns = useMemo(() => shownTurns(detail, live ?? []), [detail, live]);
  const running = turns.find(({ phase }) => phase === "running");
  const busy = isRunning(turns);
  const own = detail === undefined || isOwn(detail.owner, me.user);
  const title = detail?.title || turns.find(({ closed }) => !closed)?.question || "";
  const key = thread?.key ?? id;
  useTitle(title === "" ? words.shell.questions : shortened(title));

  useEffect(() => setCited(turns.flatMap(citedOf)), [turns, setCited]);
  useEffect(() => () => setCited([]), [setCited]);

  useScrolled(log, turns);

  // The button that started an answer is gone by now; without this the keyboard would begin at the top again.
  useEffect(() => {
    if (busy && document.activeElement === document.body) log.current?.focus({ preventScroll: true });
  }, [busy]);

  /** What the first question is narrowed to stays chosen for those that follow. */
  const begin = useCallback(
    (question: string, filter: Filter) => {
      const begun = ask(null, question, filter);
      writeDraft(begun, { text: "", filter });
      choose(begun);
    },
    [ask, choose],
  );
  const onAlone = useCallback(
    ({ question, filter }: LiveTurn) => {
      begin(question, filter);
      void navigate({ to: "/", search: {} as never });
    },
    [begin, navigate],
  );
  const onAsk = (question: string, filter: Filter) => {
    if (key !== null) return void ask(key, question, filter);
    writeDraft(NEW, { text: "", filter: NO_FILTER });
    begin(question, filter);
  };
  // An attempt that broke off gives way to the next one. What is kept stays, and its question, as it was searched, follows as
  // a new one; so it is after a reload, too.
  const onRetry = (turn: LiveTurn) => {
    if (key === null) return;
    if (turn.number === null) retry(key, turn);
    else ask(key, turn.asked || turn.question, { ...turn.filter, strictness: offeredStrictness(session).find((level) => level === turn.filter.strictness) ?? "" });
  };

  return (
    <main className="chat" id="main" tabIndex={-1} aria-labelledby="chat-title">
      {(id !== null || turns.length > 0) && <ConversationBar title={title} detail={own ? detail : undefined} />}
      <section className="conversation" aria-label={words.chat.conversation} ref={log} tabIndex={0} aria-busy={opening}>
        <div className="column">
          {id === null && turns.length === 0 && (
            <Welcome suggestions={session.demo ? suggestionsFor(me.groups) : []} onChoose={(question) => onAsk(question, NO_FILTER)} />
          )}
          {opening && turns.length === 0 && <p className="status opening">{words.chat.opening}</p>}
          {!own && <p className="notice shared-by">{words.chat.sharedBy(nameOf(detail?.owner ?? "", session.people))}</p>}
          {detail !== undefined && turns.length === 0 && <p className="status opening">{words.chat.nothingYet}</p>}
          {turns.map((turn) => (
            <TurnItem
              key={turn.key}
              turn={turn}
              busy={busy}
              mayAsk={own}
              onCite={openCitation}
              onRetry={onRetry}
              onAlone={onAlone}
              onBack={(question) => setBack({ words: question })}
            />
          ))}
        </div>
      </section>
      {own && (
        <Composer
          name={id ?? thread?.key ?? NEW}
          running={busy}
          last={turns.findLast(({ closed }) => !closed)?.question ?? ""}
          back={back}
          further={turns.length > 0}
          onAsk={onAsk}
          onLeave={() => log.current?.querySelector<HTMLElement>("article:last-of-type")?.focus()}
          onStop={() => key !== null && running !== undefined && stop(key, running)}
        />
      )}
    </main>
  );
}

/**
 * A new question comes to the top of the view, and its answer grows below it; where the address names a turn (`?turn=2`),
 * that one comes first.
 */
function useScrolled(log: RefObject<HTMLElement | null>, turns: LiveTurn[]) {
  const { turn = "" } = useSearch({ strict: false }) as { turn?: string | number };
  const latest = useRef(turns);
  latest.current = turns;
  const gone = useRef({ turn: "", length: 0 });
  const { length } = turns;
  useEffect(() => {
    const before = gone.current;
    const wanted = before.turn === String(turn) ? -1 : latest.current.findIndex(({ number }) => number !== null && String(number) === String(turn));
    if (wanted < 0 && before.length === length) return;
    gone.current = { turn: wanted < 0 ? before.turn : String(turn), length };
    const articles = log.current?.querySelectorAll("article.turn") ?? [];
    articles[wanted < 0 ? length - 1 : wanted]?.scrollIntoView({ block: "start" });
  }, [log, length, turn]);
}

const LONGEST_TITLE = 80;

function shortened(title: string): string {
  return title.length > LONGEST_TITLE ? `${title.slice(0, LONGEST_TITLE - 1).trimEnd()}…` : title;
}

/** The citations of a turn, with the sentences that rest on each. */
function citedOf(turn: LiveTurn): Cited[] {
  const nearest = turn.answer?.abstention?.nearest ?? [];
  return [...turn.citations, ...nearest].map((citation) => ({
    citation,
    of: turn.question,
    sentences: turn.sentences.flatMap((sentence, index) =>
      sentence.citations.includes(citation.id) && !nearest.includes(citation) ? [{ number: index + 1, text: sentence.text }] : [],
    ),
  }));
}
