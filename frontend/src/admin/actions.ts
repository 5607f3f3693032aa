import { words } from "../strings";

const told = words.trail;

/** What is done, by what it is about: as the trail names it. */
export const ACTIONS = {
  answers: [
    "opened", "sentence", "closed", "absence", "read_answer", "explain_answer", "replay_answer", "export_answer", "read_bundle",
    "sign_off", "withdraw_sign_off", "feedback", "review_feedback", "mark_wrong", "unmark_wrong", "ask_again", "notice_seen",
  ],
  documents: [
    "search", "list_documents", "read_document", "read_text", "read_page", "read_original", "read_versions", "read_facts", "compare",
    "upload", "delete", "restore", "purge", "relabel", "fact", "reread", "sync", "submit_job", "cancel_job", "retry_job",
  ],
  reviews: [
    "start_review", "read_review", "export_review", "share_review", "delete_review", "add_turn", "read_conversation", "export_conversation",
    "share_conversation", "delete_conversation",
  ],
  people: [
    "sign_in", "sign_out", "end_sessions", "create_key", "rotate_key", "revoke_key", "list_keys", "add_person", "change_person", "remove_person",
    "add_group", "change_group", "remove_group", "set_budget",
  ],
  trail: ["list_audit", "read_audit", "export_audit", "verify_audit", "retention", "set_retention", "lift_hold"],
};

export const REFUSALS = ["not_authenticated", "not_allowed", "not_found", "sign_in_failed"];

export function actionName(action: string): string {
  return told.actions[action] ?? action.replaceAll("_", " ");
}

/** "user:ana" as a person reads it. */
export function personOf(principal: string): string {
  return principal === "" ? told.nobody : principal.replace(/^user:/, "");
}

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

/** The id of a document in what was pasted: the id, or an address of the page; "" where there is none. */
export function documentIn(text: string): string {
  return ID.exec(text)?.[0].toLowerCase() ?? "";
}

/** The documents that a record names, each once. */
export function documentsOf(record: unknown): string[] {
  const found = new Set<string>();
  const look = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(look);
    else if (typeof value === "object" && value !== null) {
      for (const [name, one] of Object.entries(value)) {
        if (name === "document_id" && typeof one === "string" && documentIn(one) !== "") found.add(one);
        else look(one);
      }
    }
  };
  look(record);
  return [...found];
}
