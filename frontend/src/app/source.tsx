import { useNavigate, useSearch } from "@tanstack/react-router";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from "react";
import type { Citation } from "../client/types";
import { type Place, readPlace, writePlace } from "./places";

/** A citation that can be stepped to, and the sentences of its answer that rest on it. */
export interface Cited {
  citation: Citation;
  /** Of what: "Question 2", a cell of a review. */
  of: string;
  sentences: { number: number; text: string }[];
}

interface SourceState {
  /** What the pane shows; null while it is closed. It is part of the address: Back closes it, a reload opens it again. */
  place: Place | null;
  open: (place: Place) => void;
  openCitation: (citation: Pick<Citation, "document_id" | "version_id" | "start" | "end">) => void;
  close: () => void;
  /** The citations of the view behind the pane, in reading order. */
  cited: Cited[];
  setCited: (cited: Cited[]) => void;
}

const SourceContext = createContext<SourceState | null>(null);

export function SourceProvider({ children }: { children: ReactNode }) {
  const { source = "" } = useSearch({ strict: false }) as { source?: string };
  const navigate = useNavigate();
  const [cited, setCited] = useState<Cited[]>([]);
  const opener = useRef<HTMLElement | null>(null);
  const shown = useRef(false);
  const place = useMemo(() => readPlace(source), [source]);
  shown.current = place !== null;

  const open = useCallback(
    (wanted: Place) => {
      if (!shown.current && document.activeElement instanceof HTMLElement) opener.current = document.activeElement;
      const search = (known: Record<string, unknown>) => ({ ...known, source: writePlace(wanted) });
      // One step back closes the pane, however many sources were looked at in it.
      void navigate({ to: ".", search: search as never, replace: shown.current, resetScroll: false });
    },
    [navigate],
  );
  const openCitation = useCallback<SourceState["openCitation"]>(
    ({ document_id, version_id, start, end }) => open({ document_id, version_id, span: { start, end } }),
    [open],
  );
  const close = useCallback(() => {
    const search = ({ source: _closed, ...rest }: Record<string, unknown>) => rest;
    void navigate({ to: ".", search: search as never, replace: true, resetScroll: false });
    // After the next paint, when what lay under the pane can take focus again.
    requestAnimationFrame(() => opener.current?.isConnected && opener.current.focus());
  }, [navigate]);

  const state = useMemo(
    () => ({ place, open, openCitation, close, cited, setCited }),
    [place, open, openCitation, close, cited],
  );
  return <SourceContext.Provider value={state}>{children}</SourceContext.Provider>;
}

export function useSource(): SourceState {
  const state = useContext(SourceContext);
  if (state === null) throw new Error("useSource outside of the workspace");
  return state;
}
