import { useEffect, useState } from "react";
import type { Review, Wanted } from "../client/reviews";
import { words } from "../strings";
import { CellState } from "./CellState";
import { CellText } from "./GridRow";
import { fits, type Matrix } from "./matrix";

const said = words.reviews;

interface Props {
  matrix: Matrix;
  review: Review;
  /** How many rows there are, read or not. */
  documents: number;
  /** Which cells are looked for, "": all; the others are left out. */
  wanted: Wanted | "";
  need: (rows: number) => void;
  onOpen: (row: number, question: number, quote: boolean) => void;
  onOpenDocument: (row: number) => void;
}

/** Where the screen is narrow: one document at a time, its questions with their answers below each other. */
export function Documents({ matrix, review, documents: all, wanted, need, onOpen, onOpenDocument }: Props) {
  const [at, setAt] = useState(0);
  const row = matrix.rows[Math.min(at, Math.max(0, matrix.rows.length - 1))];
  useEffect(() => need(at + 2), [need, at]);
  if (row === undefined) return <p className="muted">{said.reading}</p>;
  return (
    <div className="one-document">
      <div className="document-switch">
        <label htmlFor="shown-document">{said.choose}</label>
        <select id="shown-document" value={at} onChange={(event) => setAt(Number(event.target.value))}>
          {matrix.rows.map(({ document_id, title }, index) => (
            <option key={document_id} value={index}>
              {title}
            </option>
          ))}
        </select>
        <div className="document-steps">
          <button type="button" className="secondary" aria-label={said.previousDocument} disabled={at === 0} onClick={() => setAt(at - 1)}>
            {said.previousShort}
          </button>
          <span className="muted">{said.of(at + 1, all)}</span>
          <button
            type="button"
            className="secondary"
            aria-label={said.nextDocument}
            disabled={at + 1 >= all}
            onClick={() => setAt(Math.min(at + 1, matrix.rows.length - 1))}
          >
            {said.nextShort}
          </button>
        </div>
        <button type="button" className="link" onClick={() => onOpenDocument(at)}>
          {said.openDocument}
        </button>
      </div>
      <ol className="pairs" aria-label={row.title}>
        {review.questions.map((question, index) => {
          const cell = row.cells.get(index + 1);
          if (!fits(cell, wanted)) return null;
          return (
            <li key={index}>
              <h2>{question}</h2>
              <p className="cell-states">
                <CellState cell={cell} />
              </p>
              {cell !== undefined && (
                <>
                  <CellText cell={cell} />
                  <button type="button" className="link" aria-label={`${said.openCell}: ${question}`} onClick={() => onOpen(at, index + 1, false)}>
                    {said.openCell}
                  </button>
                </>
              )}
            </li>
          );
        })}
      </ol>
    </div>
  );
}
