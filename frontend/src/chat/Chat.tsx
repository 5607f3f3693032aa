import { useEffect, useRef } from "react";
import { useSigned } from "../app/context";
import { type Cited, useSource } from "../app/source";
import { useTitle } from "../app/title";
import { words } from "../strings";
import { suggestionsFor } from "../suggestions";
import { Composer } from "./Composer";
import { TurnView } from "./TurnView";
import type { Turn } from "./turns";
import { useChatState } from "./useChat";

export function Chat() {
  useTitle(words.shell.questions);
  const chat = useChatState();
  const { session, me } = useSigned();
  const { openCitation, setCited } = useSource();
  const suggestions = session.demo ? suggestionsFor(me.groups) : [];
  const log = useRef<HTMLElement>(null);
  const { turns } = chat;

  useEffect(() => setCited(turns.flatMap(citedOf)), [turns, setCited]);

  // A new question comes to the top of the view, and its answer grows below it.
  useEffect(() => {
    log.current?.querySelector("article:last-of-type")?.scrollIntoView({ block: "start" });
  }, [turns.length]);

  // The button that started an answer is gone by now; without this the keyboard would begin at the top again.
  useEffect(() => {
    if (chat.running && document.activeElement === document.body) log.current?.focus({ preventScroll: true });
  }, [chat.running]);

  return (
    <main className="chat" id="main" tabIndex={-1}>
      <section className="conversation" aria-label="Conversation" ref={log} tabIndex={0}>
        <div className="column">
          {turns.length === 0 ? (
            <Welcome suggestions={suggestions} onChoose={chat.ask} />
          ) : (
            turns.map((turn) => (
              <TurnView
                key={turn.id}
                turn={turn}
                onCite={openCitation}
                onRetry={chat.running ? undefined : () => chat.retry(turn)}
              />
            ))
          )}
        </div>
      </section>
      <Composer running={chat.running} onAsk={chat.ask} onStop={chat.stop} />
    </main>
  );
}

/** The citations of a turn, with the sentences that rest on each. */
function citedOf(turn: Turn): Cited[] {
  const nearest = turn.answer?.abstention?.nearest ?? [];
  return [...turn.citations, ...nearest].map((citation) => ({
    citation,
    of: turn.question,
    sentences: turn.sentences.flatMap((sentence, index) =>
      sentence.citations.includes(citation.id) && !nearest.includes(citation) ? [{ number: index + 1, text: sentence.text }] : [],
    ),
  }));
}

function Welcome({ suggestions, onChoose }: { suggestions: string[]; onChoose: (question: string) => void }) {
  return (
    <div className="welcome">
      <h1>Ask your documents</h1>
      <p className="lead">
        Answers come only from documents that you may read. Every sentence is checked against its source and carries a
        citation that opens at the quoted words.
      </p>
      {suggestions.length > 0 && (
        <>
          <h2 id="suggestions-title">Questions to begin with</h2>
          <ul className="suggestions" aria-labelledby="suggestions-title">
            {suggestions.map((question) => (
              <li key={question}>
                <button type="button" onClick={() => onChoose(question)}>
                  {question}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
