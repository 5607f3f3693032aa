import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useRef, useState } from "react";
import { useSource } from "../app/source";
import { useTitle } from "../app/title";
import type { Review, Wanted } from "../client/reviews";
import { words } from "../strings";
import { useMedia } from "../ui/hooks";
import { ProblemNotice } from "../ui/ProblemNotice";
import { CellFilter, readWanted } from "./CellFilter";
import { CellPanel } from "./CellPanel";
import { Documents } from "./Documents";
import { Head } from "./Head";
import { MatrixGrid } from "./MatrixGrid";
import { fits, type Matrix } from "./matrix";
import { type At, step } from "./moving";
import { type OpenedMatrix, useMatrix } from "./useMatrix";

const said = words.reviews;
const NARROW = "(max-width: 47.99rem)";

/** Which cell the address names: "DOCUMENT.QUESTION". */
export function readCell(text: string): { document_id: string; question: number } | null {
  const found = /^([0-9a-f-]{36})\.(\d{1,2})$/.exec(text);
  return found === null ? null : { document_id: found[1] ?? "", question: Number(found[2]) };
}

export function OneReview({ id }: { id: string }) {
  const { cells = "" } = useSearch({ strict: false }) as { cells?: unknown };
  const wanted = readWanted(cells);
  const opened = useMatrix(id, wanted);
  const { matrix, problem, retry } = opened;
  const { review } = matrix;
  useTitle(review?.title ?? said.title);
  return (
    <main className="view review" id="main" tabIndex={-1} aria-labelledby="review-title" aria-busy={review === null && problem === null}>
      {review === null ? (
        <div className="wide-column">
          <p>
            <Link to="/reviews" activeOptions={{ exact: true }}>{said.back}</Link>
          </p>
          <h1 id="review-title">{problem === null ? said.opening : problem.title}</h1>
          {problem !== null && <ProblemNotice problem={problem} onRetry={problem.status === 404 ? undefined : retry} />}
        </div>
      ) : (
        <Opened review={review} opened={opened} wanted={wanted} />
      )}
    </main>
  );
}

function Opened({ review, opened, wanted }: { review: Review; opened: OpenedMatrix; wanted: Wanted | "" }) {
  const { matrix, problem, lost, need, retry } = opened;
  const narrow = useMedia(NARROW);
  // Of those that are looked for nobody knows how many follow: one row says that there may be more.
  const rows = matrix.next === null ? matrix.rows.length : wanted === "" ? review.documents : matrix.rows.length + 1;
  const { cell: at, openCell, closeCell, returned } = useOpenCell(matrix, review);
  const { open } = useSource();
  const openDocument = useCallback(
    (row: number) => {
      const found = matrix.rows[row];
      if (found !== undefined) open({ document_id: found.document_id, version_id: found.version_id, span: null });
    },
    [matrix.rows, open],
  );
  const row = at === null ? -1 : matrix.rows.findIndex(({ document_id }) => document_id === at.document_id);
  const onOpen = useCallback(
    (index: number, question: number, quote: boolean) => {
      const found = matrix.rows[index];
      if (found !== undefined) openCell(found.document_id, question, quote);
    },
    [matrix.rows, openCell],
  );
  // A cell of the address may lie further down than what was read.
  const missing = at !== null && row < 0 && matrix.next !== null;
  useEffect(() => {
    if (missing) need(matrix.rows.length + 1);
  }, [missing, need, matrix.rows.length]);

  const panel = at !== null && (
    <CellPanel
      key="cell"
      review={review}
      opened={opened}
      row={matrix.rows[row]}
      question={at.question}
      quoted={at.quoted}
      reading={missing}
      onStep={(by) => {
        const to = stepTo(matrix, { row: row + 1, column: at.question }, by, review.questions.length, wanted);
        if (to !== null) onOpen(to.row - 1, to.column, at.quoted);
      }}
      onClose={closeCell}
    />
  );
  return (
    <div className={at === null ? "review-frame" : "review-frame with-cell"}>
      <div className="review-main">
        <Head review={review} opened={opened} />
        {lost && (
          <p className="review-lost muted" role="status">
            {said.lost}
          </p>
        )}
        {problem !== null && <ProblemNotice problem={problem} onRetry={retry} />}
        {review.documents > 0 && <CellFilter review={review} matrix={matrix} wanted={wanted} narrow={narrow} />}
        {review.documents === 0 ? (
          <p className="muted review-empty">{said.emptied}</p>
        ) : rows === 0 ? (
          <p className="muted review-empty">{said.noneWanted}</p>
        ) : narrow ? (
          <Documents
            key={wanted}
            matrix={matrix}
            review={review}
            documents={rows}
            wanted={wanted}
            need={need}
            onOpen={onOpen}
            onOpenDocument={openDocument}
          />
        ) : (
          <MatrixGrid
            key={wanted}
            matrix={matrix}
            title={review.title}
            questions={review.questions}
            documents={rows}
            wanted={wanted}
            need={need}
            open={at}
            onOpen={onOpen}
            onOpenDocument={openDocument}
            returned={returned}
          />
        )}
      </div>
      {panel}
    </div>
  );
}

/** The next cell, or the one before, of those that are looked for. */
function stepTo(matrix: Matrix, from: At, by: 1 | -1, columns: number, wanted: Wanted | ""): At | null {
  let to = step(from, by, { rows: matrix.rows.length, columns });
  while (to !== null && !fits(matrix.rows[to.row - 1]?.cells.get(to.column), wanted)) {
    to = step(to, by, { rows: matrix.rows.length, columns });
  }
  return to;
}

interface OpenCell {
  document_id: string;
  question: number;
  /** Whether its first quote is opened with it. */
  quoted: boolean;
}

/** The open cell is part of the address: Back closes it, a reload opens it again, a link leads to it. */
function useOpenCell(matrix: Matrix, review: Review) {
  const { cell: text = "" } = useSearch({ strict: false }) as { cell?: string };
  const navigate = useNavigate();
  const [quoted, setQuoted] = useState(false);
  const [returned, setReturned] = useState(0);
  const found = readCell(text);
  const valid = found !== null && found.question >= 1 && found.question <= review.questions.length;
  const gone = valid && matrix.next === null && !matrix.rows.some(({ document_id }) => document_id === found.document_id);
  const shown = useRef(false);
  shown.current = valid && !gone;

  const openCell = useCallback(
    (document_id: string, question: number, quote: boolean) => {
      setQuoted(quote);
      const search = (known: Record<string, unknown>) => ({ ...known, cell: `${document_id}.${question}` });
      void navigate({ to: ".", search: search as never, replace: shown.current, resetScroll: false });
    },
    [navigate],
  );
  const closeCell = useCallback(() => {
    const search = ({ cell: _closed, source: _beside, ...rest }: Record<string, unknown>) => rest;
    void navigate({ to: ".", search: search as never, replace: true, resetScroll: false });
    // After the next paint, when what lay under the panel can take focus again.
    requestAnimationFrame(() => requestAnimationFrame(() => setReturned((times) => times + 1)));
  }, [navigate]);
  const cell: OpenCell | null = found !== null && shown.current ? { ...found, quoted } : null;
  return { cell, openCell, closeCell, returned };
}
