import { useEffect, useRef, useState } from "react";
import type { Place } from "../app/places";
import { useSource } from "../app/source";
import { selectedIn } from "./selecting";

/** Words that were selected in the text of the source pane. */
export interface PaneSelection {
  place: Place;
  /** In code points of the canonical text; with the white space at both ends that was selected with them. */
  span: { start: number; end: number };
}

/** What was selected last in the pane's text; it stays when the selection is gone, or the pane. */
export function usePaneSelection(): PaneSelection | null {
  const { place } = useSource();
  const [selected, setSelected] = useState<PaneSelection | null>(null);
  const current = useRef(place);
  current.current = place ?? current.current;

  useEffect(() => {
    const onChange = () => {
      const selection = document.getSelection();
      if (selection === null || selection.isCollapsed || current.current === null) return;
      const range = selection.getRangeAt(0).cloneRange();
      const at = range.startContainer;
      const body = (at instanceof Element ? at : at.parentElement)?.closest(".source .canonical");
      if (!body) return;
      // Three clicks on the last paragraph select as far as the beginning of what stands after the text.
      if (!body.contains(range.endContainer)) range.setEnd(body, body.childNodes.length);
      const span = selectedIn(body, range);
      if (span !== null) setSelected({ place: current.current, span });
    };
    document.addEventListener("selectionchange", onChange);
    return () => document.removeEventListener("selectionchange", onChange);
  }, []);
  return selected;
}
