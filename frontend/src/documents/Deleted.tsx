import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import { carries, useSigned } from "../app/context";
import { useTitle } from "../app/title";
import { documents as calls } from "../client/documents";
import { Problem } from "../client/problem";
import type { DocumentSummary } from "../client/types";
import "../styles/documents.css";
import { words } from "../strings";
import { formatDate } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";
import { useWidth } from "../ui/useWidth";
import { type GridHandle, VirtualGrid } from "../ui/VirtualGrid";
import { layoutOf, ROW_HEIGHT } from "./columns";
import { DocumentsHead } from "./DocumentsHead";
import { EachProgress, Failures } from "./Each";
import { CardLabel, Readers } from "./row";
import { extended, nothing, type Selection, toggled, withAll } from "./selection";
import { useEach } from "./useEach";

const told = words.documents.deleted;
const COLUMNS = ["select", "document", "deleted", "until", "allow", "actions"];
const DAY_MS = 86_400_000;

/** The recycle bin: what was deleted and this person may bring back. */
export function Deleted() {
  useTitle(words.documents.bin);
  const { api, me } = useSigned();
  const client = useQueryClient();
  const found = useQuery({
    queryKey: ["documents", "deleted"],
    queryFn: () => calls.deleted(api),
    enabled: carries(me, "write"),
    staleTime: 0,
  });
  const restoring = useEach<DocumentSummary>(({ document_id }) => calls.restore(api, document_id));
  const [selection, setSelection] = useState<Selection<DocumentSummary>>(nothing);
  const grid = useRef<GridHandle>(null);
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const layout = layoutOf(width) === "cards" ? "cards" : "middle";
  const rows = found.data?.documents ?? [];

  async function restore(some: DocumentSummary[], at: number) {
    if (some.length === 0 || restoring.busy) return;
    const { done } = await restoring.run(some);
    setSelection(nothing());
    void client.invalidateQueries({ queryKey: ["documents", "list"] });
    await client.invalidateQueries({ queryKey: ["documents", "deleted"] });
    const left = rows.length - done.length;
    requestAnimationFrame(() => (left > 0 ? grid.current?.focusRow(Math.min(at, left - 1)) : document.getElementById("main")?.focus()));
  }
  const select = (at: number, range: boolean) => {
    const one = rows[at];
    if (one === undefined) return;
    const from = selection.anchor ?? at;
    if (range) setSelection(extended(selection, rows.slice(Math.min(from, at), Math.max(from, at) + 1), from));
    else setSelection(toggled(selection, one, at));
  };
  const chosen = [...selection.chosen.values()];
  const headers: Record<string, ReactNode> = {
    select: (
      <label className="check-cell">
        <input
          type="checkbox"
          aria-label={words.documents.selectAll}
          checked={chosen.length > 0 && chosen.length === rows.length}
          onChange={() => setSelection(chosen.length > 0 ? nothing() : withAll(rows))}
        />
      </label>
    ),
    document: words.documents.columns.document,
    deleted: told.deleted,
    until: told.until,
    allow: words.documents.columns.allow,
    actions: <span className="visually-hidden">{words.documents.columns.actions}</span>,
  };

  return (
    <main className="documents" id="main" tabIndex={-1} aria-labelledby="documents-title">
      <DocumentsHead bin here="bin" />
      <p className="lead">{found.data !== undefined && told.lead(found.data.recycle_days)}</p>
      {found.error !== null && <ProblemNotice problem={Problem.from(found.error)} onRetry={() => void found.refetch()} />}
      {restoring.progress !== null && <Failures failed={restoring.progress.failed} />}
      <div className="table-box" ref={box}>
        <div className="list-line">
          <p className="muted" role="status">
            {lineOf(found.isPending, rows.length, restoring.progress)}
          </p>
          {chosen.length > 0 && (
            <div className="selection-bar" role="group" aria-label={words.documents.bulk}>
              <strong>{words.documents.selected(chosen.length)}</strong>
              <button type="button" className="secondary" disabled={restoring.busy} onClick={() => void restore(chosen, 0)}>
                {told.restoreMany(chosen.length)}
              </button>
              <button type="button" className="quiet" onClick={() => setSelection(nothing())}>
                {words.documents.clearSelection}
              </button>
            </div>
          )}
        </div>
        {restoring.busy && restoring.progress !== null && restoring.progress.total > 1 && (
          <EachProgress line={told.restoring} progress={restoring.progress} onStop={restoring.stop} />
        )}
        <p className="visually-hidden" id="deleted-keys">
          {told.keys}
        </p>
        {width > 0 && rows.length > 0 && (
          <VirtualGrid
            ref={grid}
            name={told.list}
            describedBy="deleted-keys"
            columns={COLUMNS.map((id) => ({ id, header: headers[id] }))}
            rowHeader="document"
            count={rows.length}
            rowHeight={ROW_HEIGHT[layout]}
            layout={layout === "cards" ? "cards" : "bin"}
            selectable
            onKey={(event, at) => {
              const one = rows[at];
              if (one === undefined || !(event.key === "Enter" || event.key === " ")) return false;
              if (event.key === "Enter") void restore([one], at);
              else select(at, event.shiftKey);
              return true;
            }}
            row={(at, active) => {
              const one = rows[at] as DocumentSummary;
              const selected = selection.chosen.has(one.document_id);
              const busy = restoring.busy;
              const cells = cellsOf({ one, active, selected, busy, onSelect: (range) => select(at, range), onRestore: () => void restore([one], at) });
              return { cells: COLUMNS.map((id) => cells[id]), selected, className: selected ? "chosen-row" : "" };
            }}
          />
        )}
        {found.data !== undefined && rows.length === 0 && <p className="muted empty">{told.none}</p>}
      </div>
    </main>
  );
}

function lineOf(pending: boolean, count: number, progress: { done: unknown[]; over: boolean } | null): string {
  if (pending) return words.ui.loading;
  const all = told.count(count);
  return progress?.over === true && progress.done.length > 0 ? `${told.restored(progress.done.length)} ${all}` : all;
}

interface CellProps {
  one: DocumentSummary;
  active: boolean;
  selected: boolean;
  busy: boolean;
  onSelect: (range: boolean) => void;
  onRestore: () => void;
}

function cellsOf({ one, active, selected, busy, onSelect, onRestore }: CellProps): Record<string, ReactNode> {
  const { title, source, deleted_at, restorable_until } = one;
  const days = Math.ceil((Date.parse(restorable_until ?? "") - Date.now()) / DAY_MS);
  const stop = active ? 0 : -1;
  return {
    select: (
      <label className="check-cell">
        <input
          type="checkbox"
          aria-label={words.documents.select(title)}
          checked={selected}
          tabIndex={stop}
          onClick={({ shiftKey }) => onSelect(shiftKey)}
          onChange={() => undefined}
        />
      </label>
    ),
    document: (
      <>
        <span className="row-title plain" title={title}>
          {title}
        </span>
        <span className="row-source" title={source}>
          {source}
        </span>
      </>
    ),
    deleted: (
      <>
        <CardLabel name={told.deleted} />
        <time dateTime={deleted_at ?? ""}>{formatDate(deleted_at ?? "")}</time>
      </>
    ),
    until: (
      <>
        <CardLabel name={told.until} />
        <time dateTime={restorable_until ?? ""}>{formatDate(restorable_until ?? "")}</time>
        {Number.isFinite(days) && <span className="row-bytes">{told.left(days)}</span>}
      </>
    ),
    allow: <Readers allow={one.allow} />,
    actions: (
      <button type="button" className="quiet" tabIndex={stop} disabled={busy} aria-label={told.restoreNamed(title)} onClick={onRestore}>
        {told.restore}
      </button>
    ),
  };
}
