/**
 * Questions about the sample corpus, by the group that may read the answer. Shown in demo mode only. Each was answered
 * rightly, with its citation, on 30 November 2026 by the default model, for every sample person who is shown it:
 * `FOOTNOTE_DEMO=true footnote ask "For how long is an account locked after eight wrong attempts?" --as frank --groups staff`.
 */
const SUGGESTIONS: Record<string, string[]> = {
  legal: [
    "How long is the standard lead time for T3 barrels from Brightwater?",
    "What do we owe Brightwater if we buy fewer barrels than the yearly minimum?",
  ],
  finance: [
    "How many quotes are needed for an order of £12,000?",
    "What is the limit of a company card for directors?",
  ],
  hr: ["How many weeks of partner leave are paid in full?"],
  clinical: ["Within how many days must a complaint be acknowledged in writing?"],
  staff: [
    "For how long is an account locked after eight wrong attempts?",
    "Within how many hours must a lost or stolen device be reported?",
    "How long may I drive without a break?",
  ],
};

const SHOWN = 4;

/** A few questions that a member of these groups can have answered, the most specific groups first. */
export function suggestionsFor(groups: string[]): string[] {
  return Object.entries(SUGGESTIONS)
    .flatMap(([group, questions]) => (groups.includes(group) ? questions : []))
    .slice(0, SHOWN);
}
