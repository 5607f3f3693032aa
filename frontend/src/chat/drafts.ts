import { type Filter, isEmpty, NO_FILTER } from "../filter/filter";
import { keep, kept } from "../session/kept";

/** What stands in the question box of a conversation, unsent. It stays in this tab, and until its person signs out. */
export interface Draft {
  text: string;
  filter: Filter;
}

const named = (conversation: string) => `draft.${conversation}`;

export function readDraft(conversation: string): Draft {
  try {
    const draft = JSON.parse(kept(named(conversation)) ?? "null") as Partial<Draft> | null;
    return { text: String(draft?.text ?? ""), filter: { ...NO_FILTER, ...draft?.filter } };
  } catch {
    return { text: "", filter: NO_FILTER };
  }
}

export function writeDraft(conversation: string, { text, filter }: Draft): void {
  keep(named(conversation), text === "" && isEmpty(filter) ? null : JSON.stringify({ text, filter }));
}
