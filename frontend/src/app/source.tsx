import { useNavigate, useSearch } from "@tanstack/react-router";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import type { Citation } from "../client/types";
import { type Place, readPlace, writePlace } from "./places";

/** A citation that can be stepped to, and the sentences of its answer that rest on it. */
export interface Cited {
  citation: Citation;
  /** Of what: "Question 2", a cell of a review. */
  of: string;
  sentences: { number: number; text: string }[];
}

/** The sentence that the reader points at, in the pane or in the answer: its number in what `Cited.of` names. */
export interface ActiveSentence {
  of: string;
  number: number;
}

interface SourceState {
  /** What the pane shows; null while it is closed. It is part of the address: Back closes it, a reload opens it again. */
  place: Place | null;
  open: (place: Place) => void;
  /** How often a place was opened: the pane takes the focus each time, also where it shows that place already. */
  opened: number;
  openCitation: (citation: Pick<Citation, "document_id" | "version_id" | "start" | "end">) => void;
  close: () => void;
  /** The citations of the view behind the pane, in reading order. */
  cited: Cited[];
  setCited: (cited: Cited[]) => void;
  /** The pane sets it while a sentence of its list has the pointer or the focus; a view may set it as well. */
  activeSentence: ActiveSentence | null;
  setActiveSentence: (sentence: ActiveSentence | null) => void;
}

const SourceContext = createContext<SourceState | null>(null);

export function SourceProvider({ children }: { children: ReactNode }) {
  const { source = "" } = useSearch({ strict: false }) as { source?: string };
  const navigate = useNavigate();
  const [cited, setCited] = useState<Cited[]>([]);
  const [opened, setOpened] = useState(0);
  const [activeSentence, setActiveSentence] = useState<ActiveSentence | null>(null);
  const opener = useRef<HTMLElement | null>(null);
  const place = useMemo(() => readPlace(source), [source]);
  const shown = useRef(place);
  shown.current = place;

  const open = useCallback(
    (wanted: Place) => {
      if (shown.current === null && document.activeElement instanceof HTMLElement) opener.current = document.activeElement;
      setOpened((before) => before + 1);
      const search = (known: Record<string, unknown>) => ({ ...known, source: writePlace(wanted) });
      // One step back closes the pane, however many sources were looked at in it.
      void navigate({ to: ".", search: search as never, replace: shown.current !== null, resetScroll: false });
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
  }, [navigate]);
  useFocusBack(place !== null, opener);
  usePaneReady(cited.length > 0);

  const state = useMemo(
    () => ({ place, open, opened, openCitation, close, cited, setCited, activeSentence, setActiveSentence }),
    [place, open, opened, openCitation, close, cited, activeSentence],
  );
  return <SourceContext.Provider value={state}>{children}</SourceContext.Provider>;
}

/** However the pane was closed (its button, Esc, Back), the keyboard goes on where it was opened. */
function useFocusBack(open: boolean, opener: { current: HTMLElement | null }) {
  const before = useRef(open);
  useEffect(() => {
    const closed = before.current && !open;
    before.current = open;
    if (!closed) return;
    // After the next paint, when what lay under the pane can take focus again.
    const frame = requestAnimationFrame(() => {
      const lost = document.activeElement === null || document.activeElement === document.body;
      if (lost && opener.current?.isConnected) opener.current.focus();
    });
    return () => cancelAnimationFrame(frame);
  }, [open, opener]);
}

/** Fetches the pane's code as soon as there is something to open in it, so that the first click does not wait for it. */
function usePaneReady(wanted: boolean) {
  useEffect(() => {
    if (wanted) void import("../source/SourcePane");
  }, [wanted]);
}

export function useSource(): SourceState {
  const state = useContext(SourceContext);
  if (state === null) throw new Error("useSource outside of the workspace");
  return state;
}
