import { createContext, useContext } from "react";
import type { Place } from "../app/places";
import type { Citation } from "../client/types";

/** What one answer and its list of sources know of each other. */
export interface Reading {
  /** Opens a citation in the pane. */
  onCite: (citation: Citation) => void;
  /** What is open there. */
  place: Place | null;
  /** The number (from 1) of the sentence that is looked at: the pointer or the focus is on it, or it was asked for. */
  active: number | null;
  setActive: (sentence: number | null) => void;
}

export const ReadingContext = createContext<Reading>({
  onCite: () => undefined,
  place: null,
  active: null,
  setActive: () => undefined,
});

export function useReading(): Reading {
  return useContext(ReadingContext);
}

/** Whether the pane shows just these words. */
export function isOpen({ document_id, version_id, start, end }: Citation, place: Place | null): boolean {
  return (
    place !== null &&
    place.document_id === document_id &&
    place.version_id === version_id &&
    place.span?.start === start &&
    place.span.end === end
  );
}
