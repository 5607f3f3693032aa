import type { CellStatus } from "../client/reviews";

/** How a cell stands as a sign beside its words; each has a shape of its own. */
const SIGNS: Record<CellStatus | "changed" | "missing" | "approved" | "rejected" | "reworded", string> = {
  answered: "M3 8.5 6.5 12 13 4.5",
  partial: "M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11",
  not_found: "M8 2.5a5.5 5.5 0 1 0 .01 0M4 12 12 4",
  failed: "M4 4l8 8M12 4l-8 8",
  stale: "M13 8a5 5 0 1 1-1.6-3.7M13 2.5V5h-2.6",
  running: "M8 2.5a5.5 5.5 0 1 0 .01 0M8 5v3.2l2.2 1.3",
  waiting: "M3 8h.01M8 8h.01M13 8h.01",
  changed: "M8 2.5 14 13H2zM8 6.5v3M8 11.3h.01",
  missing: "M4 8h8",
  approved: "M2 8.5 5 12l5-7.5M8 11.5l.6.5L14 4.5",
  rejected: "M5.5 5.5l5 5M10.5 5.5l-5 5M2 8a6 6 0 1 0 12 0A6 6 0 1 0 2 8",
  reworded: "M3 13l1-3.5L11 2.5 13.5 5 6.5 12z",
};

export function StateSign({ state }: { state: keyof typeof SIGNS }) {
  return (
    <svg className="state-sign" data-state={state} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={SIGNS[state]} />
    </svg>
  );
}
