import type { Compared, Only } from "../client/sources";
import { Hint } from "../source/Hint";
import { words } from "../strings";
import { CHANGES, KINDS } from "./asked";

interface Props {
  compared: Compared;
  only: Only[];
  onChoose: (only: Only[]) => void;
  /** The difference that was stepped to, from 1; 0 before the first step. */
  at: number;
  onStep: (by: 1 | -1) => void;
}

/** Which kinds are shown, and the way from one difference to the next. */
export function CompareTools({ compared, only, onChoose, at, onStep }: Props) {
  const { counts, changes, total } = compared;
  const toggle = (one: Only) => onChoose(only.includes(one) ? only.filter((other) => other !== one) : [...only, one]);
  const kinds = [
    ...KINDS.map((one) => ({ one, name: words.comparing.kinds[one], count: counts[one] ?? 0 })),
    ...CHANGES.map((one) => ({ one, name: words.comparing.changes[one], count: changes[one] ?? 0 })),
  ].filter(({ one, count }) => count > 0 || only.includes(one));
  return (
    <div className="compare-tools">
      {kinds.length > 1 && (
        <div className="difference-filters" role="group" aria-label={words.comparing.filter}>
          <span className="difference-filters-name" aria-hidden="true">
            {words.comparing.filter}
          </span>
          {kinds.map(({ one, name, count }) => (
            <button key={one} type="button" className="difference-filter" aria-pressed={only.includes(one)} onClick={() => toggle(one)}>
              {words.comparing.counted(name, count)}
            </button>
          ))}
          {only.length > 0 && (
            <button type="button" className="quiet" onClick={() => onChoose([])}>
              {words.comparing.clear}
            </button>
          )}
        </div>
      )}
      {total > 0 && (
        <div className="stepper">
          <Hint text={words.comparing.previousKeys}>
            <button type="button" className="quiet icon" aria-label={words.comparing.previous} aria-keyshortcuts="[" aria-disabled={at < 2} onClick={() => onStep(-1)}>
              <span aria-hidden="true">‹</span>
            </button>
          </Hint>
          <span className="stepper-place" role="status">
            {at === 0 ? words.comparing.shown(total, total) : words.comparing.nth(at, total)}
          </span>
          <Hint text={words.comparing.nextKeys}>
            <button type="button" className="quiet icon" aria-label={words.comparing.next} aria-keyshortcuts="]" aria-disabled={at >= total} onClick={() => onStep(1)}>
              <span aria-hidden="true">›</span>
            </button>
          </Hint>
        </div>
      )}
    </div>
  );
}
