import { type KeyboardEvent, useEffect, useRef } from "react";
import type { Place } from "../app/places";
import { useSource } from "../app/source";
import { words } from "../strings";
import { ProblemNotice } from "../ui/ProblemNotice";
import { Warnings } from "../ui/Warnings";
import { warningLines } from "../documents/reading";
import "../styles/source-folds.css";
import "../styles/source-text.css";
import "../styles/source-views.css";
import { Actions } from "./Actions";
import { Folds } from "./Folds";
import { Gone, Header } from "./Header";
import { Standing } from "./Standing";
import { useFollow } from "./useFollow";
import { useShown } from "./useShown";
import { stepFor, useSteps } from "./useSteps";
import { View } from "./View";

/** The pane beside the view: the place that the address names, on its page and in its text. Over the view where it is `modal`. */
export default function SourcePane({ place, modal }: { place: Place; modal: boolean }) {
  const panel = useRef<HTMLElement>(null);
  const { close, opened } = useSource();
  const shown = useShown(place);
  const steps = useSteps(place);
  const following = useFollow(place);
  const { document, known } = shown;

  // Whoever steps through citations stays on the button; whoever comes from outside begins at the pane.
  useEffect(() => {
    if (!panel.current?.contains(window.document.activeElement)) panel.current?.focus({ preventScroll: true });
  }, [place, opened]);

  function onKeyDown(event: KeyboardEvent) {
    // What lies over the page is a child of the pane to React, but not in the page.
    if (event.defaultPrevented || !(event.target instanceof Node) || !panel.current?.contains(event.target)) return;
    if (event.key === "Escape") close();
    const step = stepFor(event);
    if (step === 0) return;
    event.preventDefault();
    steps.go(step);
  }

  return (
    <section
      ref={panel}
      className="source"
      role="dialog"
      aria-modal={modal}
      aria-labelledby="source-title"
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      {document.gone ? (
        <Gone onClose={close} />
      ) : (
        <>
          <Header shown={shown} onClose={close} />
          <Standing place={place} standing={document.standing} following={following} />
          {document.problem !== null && <ProblemNotice problem={document.problem} onRetry={document.check} />}
          {shown.check !== "" && (
            <p className="notice problem" role="alert">
              {shown.check === "differs" ? words.source.differs : words.source.noPlace}
            </p>
          )}
          <Warnings title={words.source.citedUnsure} lines={warningLines(known?.citation.warnings ?? [])} />
          <Folds place={place} shown={shown} onVersion={following.follow} />
          <View place={place} shown={shown} />
          <Actions place={place} shown={shown} steps={steps} />
        </>
      )}
    </section>
  );
}
