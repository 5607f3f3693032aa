import { Link, useNavigate } from "@tanstack/react-router";
import { useId, useState } from "react";
import { useSigned } from "../app/context";
import { useChatState } from "../chat/useChat";
import { isRunning, threadOf } from "../chat/threads";
import type { Conversation } from "../client/conversations";
import { Problem } from "../client/problem";
import { words } from "../strings";
import { ProblemNotice } from "../ui/ProblemNotice";
import { ConversationActions } from "./ConversationActions";
import { byAge } from "./days";
import { nameOf } from "./owners";
import { useList } from "./useList";

const told = words.conversations;

/** Own conversations, or shared ones, by day; titles are searched, a matter is chosen. */
export function ConversationList({ current, onChosen }: { current: string | null; onChosen: () => void }) {
  const [shared, setShared] = useState(false);
  const [search, setSearch] = useState("");
  const [matter, setMatter] = useState("");
  const list = useList({ shared, matter, search });
  const navigate = useNavigate();
  const { choose } = useChatState();
  const id = useId();
  const matters = useMatters(list.loaded, matter);

  function begin() {
    choose(null);
    void navigate({ to: "/", search: {} as never });
    onChosen();
  }

  return (
    <div className="conversation-list">
      <button type="button" className="secondary new-question" onClick={begin}>
        {words.chat.newConversation}
      </button>
      <div className="whose" role="group" aria-label={told.whose}>
        {[false, true].map((of) => (
          <button key={String(of)} type="button" aria-pressed={shared === of} onClick={() => setShared(of)}>
            {of ? told.shared : told.own}
          </button>
        ))}
      </div>
      <input type="search" aria-label={told.search} placeholder={told.search} value={search} onChange={(event) => setSearch(event.target.value)} />
      {!shared && matters.length > 0 && (
        <select aria-label={told.matter} value={matter} onChange={(event) => setMatter(event.target.value)}>
          <option value="">{told.allMatters}</option>
          {matters.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
      <p className="list-note" role="status">
        {list.searching && !list.isPending ? `${list.found.length === 0 && !list.hasNextPage ? `${told.noneFound} ` : ""}${told.searched(list.loaded.length, list.total)}` : ""}
      </p>
      <div className="list-rows">
        {list.isPending && <p className="list-note">{words.ui.loading}</p>}
        {list.isError && <ProblemNotice problem={Problem.from(list.error)} onRetry={() => void list.refetch()} />}
        {list.isSuccess && list.loaded.length === 0 && <p className="list-note">{shared ? told.noneShared : told.none}</p>}
        {byAge(list.found, new Date()).map(({ age, of }) => (
          <section key={age} aria-labelledby={`${id}-${age}`}>
            <h2 id={`${id}-${age}`}>{told.groups[age]}</h2>
            <ul>
              {of.map((one) => (
                <Row key={one.id} conversation={one} here={one.id === current} shared={shared} onChosen={onChosen} />
              ))}
            </ul>
          </section>
        ))}
        {list.hasNextPage && !list.searching && (
          <button type="button" className="link" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {told.more}
          </button>
        )}
      </div>
    </div>
  );
}

/** The matters that have been seen in the list, and the chosen one. */
function useMatters(loaded: Conversation[], chosen: string): string[] {
  const [seen, setSeen] = useState<string[]>([]);
  const all = [...new Set([...seen, ...loaded.map(({ matter }) => matter), chosen])].filter(Boolean).sort();
  if (all.length !== seen.length) setSeen(all);
  return all;
}

function Row(props: { conversation: Conversation; here: boolean; shared: boolean; onChosen: () => void }) {
  const { conversation, here, shared, onChosen } = props;
  const { session } = useSigned();
  const { threads } = useChatState();
  const title = conversation.title || told.untitled;
  const busy = isRunning(threadOf(threads, conversation.id)?.turns ?? []);
  return (
    <li className={here ? "row here" : "row"}>
      <Link to="/c/$conversation" params={{ conversation: conversation.id }} search={{} as never} preload={false} aria-current={here ? "page" : undefined} onClick={onChosen}>
        <span className="conversation-name">{title}</span>
        <span className="conversation-about">
          {[shared ? told.by(nameOf(conversation.owner, session.people)) : conversation.matter, told.questions(conversation.turns), busy ? words.running.button(1) : ""]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </Link>
      {!shared && <ConversationActions conversation={conversation} />}
    </li>
  );
}
