import { type KeyboardEvent, lazy, Suspense, useEffect, useId, useRef, useState } from "react";
import { countCodePoints } from "../codePoints";
import { type Filter, isValid, NO_FILTER } from "../filter/filter";
import { FilterSummary } from "../filter/FilterSummary";
import { words } from "../strings";
import { readDraft, writeDraft } from "./drafts";

const FilterControls = lazy(async () => ({ default: (await import("../filter/FilterControls")).FilterControls }));

export const QUESTION_LIMIT = 4000;
const NEAR_LIMIT = 3600;
const ROWS = 8;

interface Props {
  /** Under what its draft is kept. */
  name: string;
  running: boolean;
  /** What the arrow up brings into an empty box; "" where nothing was asked. */
  last: string;
  /** Words to put into the box, each time it is another object. */
  back: { words: string } | null;
  further: boolean;
  onAsk: (question: string, filter: Filter) => void;
  onStop: () => void;
  /** Esc: to the newest answer. */
  onLeave: () => void;
}

/** The question box, and what the answer may rest on. Enter sends, Shift+Enter begins a new line, Esc leaves it. */
export function Composer({ name, running, last, back, further, onAsk, onStop, onLeave }: Props) {
  const [{ text, filter }, setDraft] = useState(() => readDraft(name));
  const [narrowing, setNarrowing] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const panel = useId();
  const length = countCodePoints(text.trim());
  const tooLong = length > QUESTION_LIMIT;
  const ready = length > 0 && !tooLong && !running && isValid(filter);
  const setText = (text: string) => setDraft((draft) => ({ ...draft, text }));
  const setFilter = (filter: Filter) => setDraft((draft) => ({ ...draft, filter }));

  useDraft(name, text, filter);
  useEffect(() => box.current?.focus({ preventScroll: true }), []);
  useShortcut(box);
  useEffect(() => {
    if (back === null) return;
    setDraft((draft) => ({ ...draft, text: back.words }));
    box.current?.focus();
  }, [back]);

  function send() {
    if (!ready) return;
    onAsk(text.trim(), filter);
    setText("");
    setNarrowing(false);
  }

  function stop() {
    onStop();
    box.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowUp" && text === "" && last !== "") {
      event.preventDefault();
      setText(last);
    }
    if (event.key === "Escape") onLeave();
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    send();
  }

  return (
    <form
      className="composer"
      aria-label={words.chat.askForm}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className="composer-filter" id={panel} hidden={!narrowing}>
        {narrowing && (
          <Suspense fallback={<p className="muted">{words.ui.loading}</p>}>
            <FilterControls value={filter} onChange={setFilter} />
          </Suspense>
        )}
      </div>
      <FilterSummary value={filter} onClear={() => setFilter(NO_FILTER)} />
      <div className="composer-box">
        <textarea
          ref={box}
          rows={Math.min(text.split("\n").length, ROWS)}
          value={text}
          aria-label={words.chat.yourQuestion}
          aria-describedby="composer-hint"
          aria-invalid={tooLong}
          placeholder={further ? words.chat.placeholderFurther : words.chat.placeholder}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
        />
        {running ? (
          <button type="button" className="secondary" onClick={stop}>
            {words.chat.stop}
          </button>
        ) : (
          <button type="submit" className="primary" disabled={!ready}>
            {words.chat.ask}
          </button>
        )}
      </div>
      <div className="composer-hint">
        <button type="button" className="link" aria-expanded={narrowing} aria-controls={panel} onClick={() => setNarrowing(!narrowing)}>
          {words.chat.narrow}
        </button>
        <span className="keys" id="composer-hint">
          {words.chat.keys}
        </span>
        {length > NEAR_LIMIT && (
          <span className={tooLong ? "count over" : "count"} role="status">
            {words.chat.characters(length, QUESTION_LIMIT)}
          </span>
        )}
      </div>
    </form>
  );
}

/** Keeps the draft. A conversation that was begun here gets its own name with the first answer; then the draft moves. */
function useDraft(name: string, text: string, filter: Filter) {
  const under = useRef(name);
  useEffect(() => {
    if (under.current !== name) writeDraft(under.current, { text: "", filter: NO_FILTER });
    under.current = name;
    writeDraft(name, { text, filter });
  }, [name, text, filter]);
}

/** Ctrl+K, or a slash where nothing is typed into, goes to the box. */
function useShortcut(box: React.RefObject<HTMLTextAreaElement | null>) {
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable], [role=dialog], [role=menu]") !== null;
      const called = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
      if (!called && (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey)) return;
      event.preventDefault();
      box.current?.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [box]);
}
