import { useState } from "react";
import { useSigned } from "../app/context";
import type { Place } from "../app/places";
import { Problem } from "../client/problem";
import { words } from "../strings";
import { ActionMenu } from "../ui/Menu";
import { ProblemNotice } from "../ui/ProblemNotice";
import { Hint } from "./Hint";
import { copyText, linkTo, referenceOf } from "./copying";
import { openOriginal } from "./openOriginal";
import type { Shown } from "./useShown";
import type { Steps } from "./useSteps";

/** Steps through the citations, and what can be taken out of the pane. */
export function Actions({ place, shown, steps }: { place: Place; shown: Shown; steps: Steps }) {
  const { api } = useSigned();
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const { mediaType, quote, check } = shown;

  async function copy(text: string) {
    setSaid((await copyText(text)) ? words.source.copied : words.source.notCopied);
  }

  async function original() {
    setBusy(true);
    setProblem(null);
    try {
      await openOriginal(api, { ...place, source: shown.source, title: shown.title, media_type: mediaType, page: shown.where.page });
    } catch (error) {
      setProblem(Problem.from(error));
    } finally {
      setBusy(false);
    }
  }

  const link = { id: "link", name: words.source.copyLink, onAction: () => void copy(linkTo(place)) };
  const words_ = { id: "quote", name: words.source.copyQuote, onAction: () => void copy(referenceOf(shown, linkTo(place))) };
  return (
    <div className="source-footer">
      {problem !== null && <ProblemNotice problem={problem} />}
      {steps.all > 1 && (
        <div className="stepper">
          <Hint text={words.source.previousKeys}>
            <button
              type="button"
              className="quiet icon"
              aria-label={words.source.previous}
              aria-keyshortcuts="["
              aria-disabled={steps.number === 1}
              onClick={() => steps.go(-1)}
            >
              <span aria-hidden="true">‹</span>
            </button>
          </Hint>
          <span className="stepper-place" role="status">
            {steps.number > 0 && (
              <>
                <span className="visually-hidden">{words.source.nthCitation(steps.number, steps.all)}</span>
                <span aria-hidden="true">{words.source.nth(steps.number, steps.all)}</span>
              </>
            )}
          </span>
          <Hint text={words.source.nextKeys}>
            <button
              type="button"
              className="quiet icon"
              aria-label={words.source.next}
              aria-keyshortcuts="]"
              aria-disabled={steps.number === steps.all}
              onClick={() => steps.go(1)}
            >
              <span aria-hidden="true">›</span>
            </button>
          </Hint>
        </div>
      )}
      <div className="taken">
        <span className="said" role="status">
          {said}
        </span>
        <ActionMenu label={words.source.copy} actions={[quote !== "" && check === "" ? [link, words_] : [link]]} className="secondary" />
        <button type="button" className="secondary" disabled={busy || mediaType === ""} onClick={() => void original()}>
          {mediaType === "application/pdf" ? words.source.openOriginal : words.source.saveOriginal}
        </button>
      </div>
    </div>
  );
}
