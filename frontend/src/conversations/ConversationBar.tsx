import type { ConversationDetail } from "../client/conversations";
import { words } from "../strings";
import { ConversationActions } from "./ConversationActions";

/** What a conversation is called, and what can be done with it. `detail` undefined: it is not one's own, or not there yet. */
export function ConversationBar({ title, detail }: { title: string; detail: ConversationDetail | undefined }) {
  return (
    <div className="conversation-bar">
      <h1 id="chat-title" title={title}>
        {title || words.conversations.untitled}
      </h1>
      {detail !== undefined && detail.matter !== "" && <span className="label">{detail.matter}</span>}
      {detail !== undefined && <ConversationActions conversation={detail} />}
    </div>
  );
}
