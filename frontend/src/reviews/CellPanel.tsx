import { useMutation } from "@tanstack/react-query";
import { type KeyboardEvent, type RefObject, useEffect, useRef } from "react";
import { useSigned } from "../app/context";
import { type Cited, useSource } from "../app/source";
import { Problem } from "../client/problem";
import { askAgain, type Review } from "../client/reviews";
import type { Answer } from "../client/types";
import { words } from "../strings";
import { formatMoment } from "../ui/format";
import { ActionMenu } from "../ui/Menu";
import { ProblemNotice } from "../ui/ProblemNotice";
import { CellAnswer } from "./CellAnswer";
import { CellState } from "./CellState";
import { changedLines } from "./changes";
import { isOwn } from "./figures";
import type { Cell, Row } from "./matrix";
import { type Kept, type OpenedMatrix, useKept } from "./useMatrix";

const said = words.reviews;
const STEP_MS = 1000;

interface Props {
  review: Review;
  opened: OpenedMatrix;
  /** Undefined as long as it is not read. */
  row: Row | undefined;
  question: number;
  /** Whether the first quote is opened with the cell. */
  quoted: boolean;
  reading: boolean;
  onStep: (by: 1 | -1) => void;
  onClose: () => void;
}

/** One cell: the answer in full with what it cites; J and K step through the matrix, Esc goes back to it from both panes. */
export function CellPanel({ review, opened, row, question, quoted, reading, onStep, onClose }: Props) {
  const panel = useRef<HTMLElement>(null);
  const cell = row?.cells.get(question);
  const kept = useKept(cell?.audit_id ?? null);
  const name = said.cell(row?.title ?? "", question);
  useEffect(() => panel.current?.focus({ preventScroll: true }), [row?.document_id, question]);
  useCited(name, cell, kept.data, quoted, panel);

  function onKeyDown(event: KeyboardEvent) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyped(event.target)) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      onClose();
    } else if (event.key === "j") onStep(1);
    else if (event.key === "k") onStep(-1);
  }
  return (
    <section className="cell-panel" ref={panel} tabIndex={-1} aria-labelledby="cell-title" aria-busy={reading} onKeyDown={onKeyDown}>
      <div className="cell-head">
        <div className="cell-nav">
          <button type="button" className="quiet back" onClick={onClose}>
            {said.toMatrix}
          </button>
          <button type="button" className="quiet" aria-keyshortcuts="k" title={said.previousKey} onClick={() => onStep(-1)}>
            {said.previous}
          </button>
          <button type="button" className="quiet" aria-keyshortcuts="j" title={said.nextKey} onClick={() => onStep(1)}>
            {said.next}
          </button>
        </div>
        <p className="cell-document">{row?.title ?? said.reading}</p>
        <h2 id="cell-title">{review.questions[question - 1]}</h2>
      </div>
      <div className="cell-body">
        {row !== undefined && (
          <p className="cell-states">
            <CellState cell={cell} />
          </p>
        )}
        {row !== undefined && cell !== undefined && (
          <>
            <Notes cell={cell} kept={kept.data} />
            {kept.error !== null && <ProblemNotice problem={Problem.from(kept.error)} onRetry={() => void kept.refetch()} />}
            {cell.audit_id !== null && kept.isPending && kept.error === null && <p role="status">{said.readingAnswer}</p>}
            {kept.data !== undefined && (
              <CellAnswer
                key={cell.audit_id}
                question={review.questions[question - 1] ?? ""}
                answer={kept.data.answer}
                onSigned={(signed) => opened.dispatch({ type: "signed", audit_id: cell.audit_id ?? "", signed })}
              />
            )}
            <CellActions review={review} opened={opened} row={row} cell={cell} />
          </>
        )}
      </div>
    </section>
  );
}

/** What has to be known before the answer is relied on. */
function Notes({ cell, kept }: { cell: Cell; kept: Kept | undefined }) {
  const changed = changedLines(kept?.changed ?? cell.changed);
  const notes = [
    cell.status === "waiting" || cell.status === "running" ? said.notYet[cell.status] : "",
    cell.status === "stale" && cell.audit_id !== null ? said.staleWhat : "",
    ...changed,
  ].filter(Boolean);
  return (
    <>
      {notes.length > 0 && (
        <ul className="notice partial cell-notes">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {cell.computed_at !== null && cell.version !== null && (
        <p className="muted cell-when">{said.answeredAt(formatMoment(cell.computed_at), cell.version)}</p>
      )}
    </>
  );
}

function CellActions({ review, opened, row, cell }: { review: Review; opened: OpenedMatrix; row: Row; cell: Cell }) {
  const { api, me } = useSigned();
  const { open } = useSource();
  const again = useMutation({
    mutationFn: (questions: number[]) => askAgain(api, review.id, row.document_id, questions),
    onMutate: (questions) => opened.dispatch({ type: "asked", document_id: row.document_id, questions }),
    onSettled: () => opened.look(),
  });
  const read = () => open({ document_id: row.document_id, version_id: row.version_id, span: null });
  return (
    <div className="cell-actions">
      {again.error !== null && <ProblemNotice problem={Problem.from(again.error)} />}
      <button type="button" className="secondary" onClick={read}>
        {said.openDocument}
      </button>
      {isOwn(review, me) && (
        <ActionMenu
          label={said.askAgain}
          className="secondary"
          actions={[
            [
              { id: "cell", name: said.askCell, onAction: () => again.mutate([cell.question]) },
              { id: "row", name: said.askRow, onAction: () => again.mutate([]) },
            ],
          ]}
        />
      )}
    </div>
  );
}

/** Tells the source pane what can be stepped through; opens the first quote where that was asked for, or the pane is open. */
function useCited(name: string, cell: Cell | undefined, kept: Kept | undefined, quoted: boolean, panel: RefObject<HTMLElement | null>) {
  const { setCited, openCitation, place } = useSource();
  const open = useRef(place !== null);
  open.current = place !== null;
  const answer = kept?.answer;
  useEffect(() => {
    setCited(answer === undefined ? [] : citedOf(answer, name));
    return () => setCited([]);
  }, [answer, name, setCited]);
  const key = `${cell?.document_id} ${cell?.question} ${quoted}`;
  const shown = useRef("");
  useEffect(() => {
    const first = answer?.citations[0] ?? answer?.abstention?.nearest[0];
    if (first === undefined || shown.current === key) return;
    const stepped = shown.current !== "";
    shown.current = key;
    if (!quoted && !(stepped && open.current)) return;
    keepFocus(panel.current);
    openCitation(first);
  }, [answer, key, quoted, openCitation, panel]);
}

/** Whoever goes through cells by key stays in the panel, though the pane takes focus when it shows something else. */
function keepFocus(panel: HTMLElement | null) {
  const back = ({ target }: FocusEvent) => {
    if (target instanceof Element && target.matches(".source")) panel?.focus({ preventScroll: true });
  };
  document.addEventListener("focusin", back);
  setTimeout(() => document.removeEventListener("focusin", back), STEP_MS);
}

/** The citations of an answer in reading order, with the sentences that rest on each. */
export function citedOf({ sentences, citations, abstention }: Answer, of: string): Cited[] {
  if (abstention !== null) return abstention.nearest.map((citation) => ({ citation, of, sentences: [] }));
  const numbered = sentences.map(({ text, citations: ids }, at) => ({ number: at + 1, text, ids }));
  const order = [...new Set(numbered.flatMap(({ ids }) => ids))];
  return order.flatMap((id) => {
    const citation = citations.find((one) => one.id === id);
    const resting = numbered.filter(({ ids }) => ids.includes(id)).map(({ number, text }) => ({ number, text }));
    return citation === undefined ? [] : [{ citation, of, sentences: resting }];
  });
}

function isTyped(target: EventTarget): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [role=menu], [role=dialog]") !== null;
}
