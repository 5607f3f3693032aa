import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useRef, useState } from "react";
import { carries, useSigned } from "../app/context";
import { useTitle } from "../app/title";
import type { Asked } from "../client/documents";
import type { DocumentSummary } from "../client/types";
import { Uploads, type UploadsHandle } from "../jobs/Uploads";
import "../styles/documents.css";
import { words } from "../strings";
import { ProblemNotice } from "../ui/ProblemNotice";
import { isNarrowed, readAsked, writeAsked } from "./asked";
import { DocumentDialogs, type Wanted } from "./DocumentDialogs";
import { DocumentsHead } from "./DocumentsHead";
import { DocumentTable, type TableHandle } from "./DocumentTable";
import { useRows } from "./useRows";

const told = words.documents;

/** What this person may read; with the scope `write` also adding, and changing what they may change. */
export function Documents() {
  useTitle(told.title);
  const { api, me } = useSigned();
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const written = JSON.stringify(readAsked(search));
  const asked = useMemo(() => JSON.parse(written) as Asked, [written]);
  const rows = useRows(api, asked);
  const table = useRef<TableHandle>(null);
  const uploads = useRef<UploadsHandle>(null);
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const mayWrite = carries(me, "write");
  const details = typeof search.details === "string" ? search.details : "";

  const ask = useCallback(
    (next: Asked) => {
      const filled = (known: Record<string, unknown>) => ({ ...known, ...writeAsked(next) });
      void navigate({ to: ".", search: filled as never, replace: true, resetScroll: false });
    },
    [navigate],
  );
  const showDetails = useCallback(
    (id: string | undefined) => {
      const filled = (known: Record<string, unknown>) => ({ ...known, details: id });
      return navigate({ to: ".", search: filled as never, replace: id === undefined, resetScroll: false });
    },
    [navigate],
  );
  const act = useCallback(
    (what: Wanted["what"], documents: DocumentSummary[]) => {
      if (what === "details") void showDetails(documents[0]?.document_id);
      else if (what === "version") uploads.current?.newVersion(documents[0] as DocumentSummary);
      else setWanted({ what, documents });
    },
    [showDetails],
  );

  return (
    <main className={mayWrite ? "documents" : "documents reads"} id="main" tabIndex={-1} aria-labelledby="documents-title">
      <DocumentsHead bin={mayWrite} here="list">
        {mayWrite && <Uploads api={api} me={me} ref={uploads} onSearchable={rows.changed} />}
      </DocumentsHead>
      {rows.problem !== null && <ProblemNotice problem={rows.problem} onRetry={rows.retry} />}
      {rows.total === null && rows.problem === null && <p role="status">{words.ui.loading}</p>}
      {rows.total !== null && (
        <DocumentTable ref={table} rows={rows} asked={asked} mayWrite={mayWrite} onAsk={ask} onAct={act} />
      )}
      {rows.total === 0 && <p className="muted empty">{isNarrowed(asked) ? told.noneFits : told.none}</p>}
      <DocumentDialogs
        wanted={wanted}
        details={details}
        recycleDays={rows.recycleDays}
        onAct={act}
        onDone={(done) => table.current?.done(done)}
        onChanged={rows.changed}
        onForget={rows.forget}
        onClose={() => {
          setWanted(null);
          table.current?.focusAgain();
        }}
        onCloseDetails={() => showDetails(undefined)}
      />
    </main>
  );
}
