import { useEffect, useState } from "react";
import type { ListAsked } from "./useDocuments";
import { SORTS } from "./words";

const PAUSE_MS = 250;

/** What to look for in the list, and its order. Words are sought once the typing pauses. */
export function ListControls({ asked, onAsk }: { asked: ListAsked; onAsk: (asked: ListAsked) => void }) {
  const [words, setWords] = useState(asked.words);
  useEffect(() => {
    if (words.trim() === asked.words) return;
    const timer = setTimeout(() => onAsk({ ...asked, words: words.trim() }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [words, asked, onAsk]);

  return (
    <div className="list-controls" role="search">
      <div className="field">
        <label htmlFor="list-words">Find a document</label>
        <input
          id="list-words"
          type="search"
          maxLength={200}
          placeholder="Title, file or party"
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      </div>
      <div className="field">
        <label htmlFor="list-sort">Order</label>
        <select
          id="list-sort"
          value={`${asked.sort} ${asked.order}`}
          onChange={(event) => {
            const chosen = SORTS.find(({ sort, order }) => `${sort} ${order}` === event.target.value);
            if (chosen !== undefined) onAsk({ ...asked, sort: chosen.sort, order: chosen.order });
          }}
        >
          {SORTS.map(({ sort, order, words: spelled }) => (
            <option key={spelled} value={`${sort} ${order}`}>
              {spelled}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}
