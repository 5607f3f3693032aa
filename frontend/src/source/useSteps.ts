import { useMemo } from "react";
import type { Place } from "../app/places";
import { type Cited, useSource } from "../app/source";

export interface Steps {
  /** Of the citation that is shown, from 1; 0 where it is none of the view's. */
  number: number;
  all: number;
  go: (by: 1 | -1) => void;
}

/** Steps through the citations of the view in their order, each place once. */
export function useSteps(place: Place): Steps {
  const { cited, openCitation } = useSource();
  const places = useMemo(() => each(cited), [cited]);
  const at = places.findIndex(
    ({ document_id, version_id, start, end }) =>
      document_id === place.document_id && version_id === place.version_id && start === place.span?.start && end === place.span.end,
  );
  return {
    number: at + 1,
    all: places.length,
    go: (by) => {
      const next = places[at === -1 && by === -1 ? places.length - 1 : at + by];
      if (next !== undefined) openCitation(next);
    },
  };
}

function each(cited: Cited[]): Cited["citation"][] {
  const places = new Map<string, Cited["citation"]>();
  for (const { citation } of cited) {
    const { document_id, version_id, start, end } = citation;
    const key = [document_id, version_id, start, end].join(" ");
    if (!places.has(key)) places.set(key, citation);
  }
  return [...places.values()];
}

interface Pressed {
  key: string;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  target: EventTarget;
}

/** The step that a key asks for: `]` and Alt+↓ the next, `[` and Alt+↑ the one before; 0 for none, and while writing. */
export function stepFor({ key, altKey, ctrlKey, metaKey, target }: Pressed): 1 | -1 | 0 {
  const writing = target instanceof HTMLElement && target.closest("input, textarea, select") !== null;
  if (writing || ctrlKey || metaKey) return 0;
  // On keyboards where the brackets need AltGr, the browser tells them with neither Alt nor Ctrl.
  if (key === "]" || (altKey && key === "ArrowDown")) return 1;
  if (key === "[" || (altKey && key === "ArrowUp")) return -1;
  return 0;
}
