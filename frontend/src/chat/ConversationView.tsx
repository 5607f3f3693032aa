import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useSigned } from "../app/context";
import { type Cited, useSource } from "../app/source";
import { useTitle } from "../app/title";
import type { ConversationDetail } from "../client/conversations";
import { ConversationBar } from "../conversations/ConversationBar";
import { isOwn, nameOf } from "../conversations/owners";
import { type Filter, NO_FILTER } from "../filter/filter";
import { words } from "../strings";
import { suggestionsFor } from "../suggestions";
import { Composer } from "./Composer";
import { isRunning, shownTurns, type Thread } from "./threads";
import { TurnItem } from "./TurnItem";
import type { LiveTurn } from "./turns";
import { useChatState } from "./useChat";
import { Welcome } from "./Welcome";

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

  // A new question comes to the top of the view, and its answer grows below it.
  useEffect(() => {
    if (turns.length > 0) log.current?.querySelector("article:last-of-type")?.scrollIntoView({ block: "start" });
  }, [turns.length]);

  // The button that started an answer is gone by now; without this the keyboard would begin at the top again.
  useEffect(() => {
    if (busy && document.activeElement === document.body) log.current?.focus({ preventScroll: true });
  }, [busy]);

  const begin = useCallback(
    (question: string, filter: Filter = NO_FILTER) => {
      choose(ask(null, question, filter));
      void navigate({ to: "/", search: {} as never });
    },
    [ask, choose, navigate],
  );
  const onAsk = (question: string, filter: Filter) => (key === null ? choose(ask(null, question, filter)) : void ask(key, question, filter));
  const onRetry = (turn: LiveTurn) => {
    if (key === null) return;
    const here = live?.some((one) => one.key === turn.key) ?? false;
    if (here) retry(key, turn);
    else ask(key, turn.question, turn.filter);
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
              onAlone={begin}
              onBack={(question) => setBack({ words: question })}
            />
          ))}
        </div>
      </section>
      {own && (
        <Composer
          name={id ?? thread?.key ?? "new"}
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
