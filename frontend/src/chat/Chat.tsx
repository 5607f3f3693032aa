import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { useSigned } from "../app/context";
import { conversations, running } from "../client/conversations";
import { Problem } from "../client/problem";
import { Conversations } from "../conversations/Conversations";
import { words } from "../strings";
import { ProblemNotice } from "../ui/ProblemNotice";
import { ConversationView } from "./ConversationView";
import { isRunning, threadOf } from "./threads";
import { RUNNING, useChatState } from "./useChat";

/**
 * Questions and answers: the list of conversations, and the one that the address names. `?running=ID` names an answer
 * under way that no conversation has yet.
 */
export function Chat() {
  const { api } = useSigned();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { conversation: named = null } = useParams({ strict: false }) as { conversation?: string };
  const { running: joining = "" } = useSearch({ strict: false }) as { running?: string };
  const { threads, current, choose, join, settle } = useChatState();
  const byAnswer = threads.find(({ turns }) => joining !== "" && turns.some((turn) => turn.running === joining));
  const thread = named !== null ? threadOf(threads, named) : (byAnswer ?? (current === null ? undefined : threadOf(threads, current)));
  const id = named ?? thread?.id ?? null;
  const live = thread?.turns ?? [];
  const { data: told, isPending: asking } = useQuery({ queryKey: RUNNING, queryFn: () => running.list(api) });
  const opened = useQuery({
    queryKey: ["conversations", "one", id],
    queryFn: () => conversations.open(api, id ?? ""),
    enabled: id !== null,
  });

  // A conversation has its own address once there is one; "Questions" leads back to it.
  useEffect(() => {
    const search = ({ running: _told, ...rest }: Record<string, unknown>) => rest;
    if (named === null && id !== null) {
      void navigate({ to: "/c/$conversation", params: { conversation: id }, search: search as never, replace: true });
    }
  }, [named, id, navigate]);

  useEffect(() => {
    if (named !== null) choose(named);
  }, [named, choose]);

  // Until then the answer under way is in the address, so that a reload finds it.
  const first = named === null && id === null ? (live.find(({ phase }) => phase === "running")?.running ?? "") : "";
  useEffect(() => {
    if (first === "" || first === joining) return;
    const search = (known: Record<string, unknown>) => ({ ...known, running: first });
    void navigate({ to: "/", search: search as never, replace: true });
  }, [first, joining, navigate]);

  // What is under way elsewhere, or was before a reload, is shown here as well.
  useEffect(() => {
    for (const answer of told ?? []) {
      if (answer.id === joining) choose(join(answer));
      else if (answer.state === "running" && answer.conversation === named) join(answer);
      else settle(answer);
    }
  }, [told, joining, named, join, settle, choose]);

  // Another page may have asked on in it.
  const under = isRunning(live);
  useEffect(() => {
    if (!under && id !== null) void client.invalidateQueries({ queryKey: ["conversations", "one", id] });
  }, [under, id, client]);

  const problem = opened.error === null ? null : Problem.from(opened.error);
  const lost = joining !== "" && thread === undefined && !asking && !(told ?? []).some((answer) => answer.id === joining);
  return (
    <div className="chat-view">
      <Conversations current={id} />
      {lost ? (
        <Missing title={words.chat.goneAnswer} what={words.chat.goneAnswerWhat} />
      ) : problem !== null && live.length === 0 ? (
        <Missing
          title={words.chat.gone}
          what={words.chat.goneWhat}
          problem={problem.status === 404 || problem.status === 422 ? null : problem}
          onRetry={() => void opened.refetch()}
        />
      ) : (
        <ConversationView key={thread?.key ?? id ?? "new"} thread={thread} id={id} detail={opened.data} opening={id !== null && opened.isPending} />
      )}
    </div>
  );
}

function Missing(props: { title: string; what: string; problem?: Problem | null; onRetry?: () => void }) {
  const { title, what, problem = null, onRetry } = props;
  return (
    <main className="chat" id="main" tabIndex={-1} aria-labelledby="chat-title">
      <div className="column welcome">
        <h1 id="chat-title">{problem === null ? title : words.chat.conversation}</h1>
        {problem === null ? <p className="lead">{what}</p> : <ProblemNotice problem={problem} onRetry={onRetry} />}
      </div>
    </main>
  );
}
