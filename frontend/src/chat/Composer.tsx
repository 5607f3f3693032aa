import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { countCodePoints } from "../codePoints";

export const QUESTION_LIMIT = 4000;
const NEAR_LIMIT = 3600;
const ROWS = 8;
const number = new Intl.NumberFormat("en-GB");

/** The question box. Enter sends, Shift+Enter begins a new line. */
export function Composer(props: { running: boolean; onAsk: (question: string) => void; onStop: () => void }) {
  const [draft, setDraft] = useState("");
  const box = useRef<HTMLTextAreaElement>(null);
  const length = countCodePoints(draft.trim());
  const tooLong = length > QUESTION_LIMIT;
  const ready = length > 0 && !tooLong && !props.running;

  useEffect(() => box.current?.focus(), []);

  function send() {
    if (!ready) return;
    props.onAsk(draft.trim());
    setDraft("");
  }

  function stop() {
    props.onStop();
    box.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  }

  return (
    <form
      className="composer"
      aria-label="Ask a question"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className="composer-box">
        <textarea
          ref={box}
          rows={Math.min(draft.split("\n").length, ROWS)}
          value={draft}
          aria-label="Your question"
          aria-describedby="composer-hint"
          aria-invalid={tooLong}
          placeholder="Ask about your documents"
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={onKeyDown}
        />
        {props.running ? (
          <button type="button" className="secondary" onClick={stop}>
            Stop
          </button>
        ) : (
          <button type="submit" className="primary" disabled={!ready}>
            Ask
          </button>
        )}
      </div>
      <p className="composer-hint" id="composer-hint">
        <span className="keys">Enter sends, Shift+Enter begins a new line.</span>
        {length > NEAR_LIMIT && (
          <span className={tooLong ? "count over" : "count"} role="status">
            {number.format(length)} of {number.format(QUESTION_LIMIT)} characters
          </span>
        )}
      </p>
    </form>
  );
}
