import { type Filter, NO_FILTER } from "../filter/filter";

/** What stands in the question box of a conversation, unsent. It stays in this tab, and until its person signs out. */
export interface Draft {
  text: string;
  filter: Filter;
}

const PREFIX = "footnote.draft.";

export function readDraft(conversation: string): Draft {
  try {
    const kept = JSON.parse(sessionStorage.getItem(PREFIX + conversation) ?? "null") as Partial<Draft> | null;
    return { text: String(kept?.text ?? ""), filter: { ...NO_FILTER, ...kept?.filter } };
  } catch {
    return { text: "", filter: NO_FILTER };
  }
}

export function writeDraft(conversation: string, { text, filter }: Draft): void {
  try {
    if (text === "" && filter === NO_FILTER) sessionStorage.removeItem(PREFIX + conversation);
    else sessionStorage.setItem(PREFIX + conversation, JSON.stringify({ text, filter }));
  } catch {
    // Without storage a draft lasts as long as the box.
  }
}

export function forgetDrafts(): void {
  for (const name of Object.keys(sessionStorage)) {
    if (name.startsWith(PREFIX)) sessionStorage.removeItem(name);
  }
}
