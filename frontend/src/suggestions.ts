/** Questions about the sample corpus, by the group that may read the answer. Shown in demo mode only. */
const SUGGESTIONS: Record<string, string[]> = {
  legal: [
    "How long is the standard lead time for T3 barrels from Brightwater?",
    "What do we owe Brightwater if we buy fewer barrels than the yearly minimum?",
  ],
  finance: [
    "Who approves a purchase of £60,000 that is within budget?",
    "How many quotes are needed for an order of £12,000?",
  ],
  hr: ["How many weeks of partner leave are paid in full?"],
  clinical: ["Within how many days must a complaint be acknowledged in writing?"],
  staff: [
    "How long does a password have to be?",
    "By how much may a hotel exceed the limit during a trade fair?",
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
