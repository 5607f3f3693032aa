import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useSigned } from "../app/context";
import { useTitle } from "../app/title";
import { type Feedback as Entry, type FeedbackState, listFeedback } from "../client/feedback";
import { Problem } from "../client/problem";
import { words } from "../strings";
import "../styles/feedback.css";
import "../styles/tabs.css";
import { formatMoment } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";
import { FeedbackEntry } from "./FeedbackEntry";
import { nameOf } from "./names";

/** Else a link is current for all that lies below it, whatever it says itself. */
const EXACT = { exact: true };
const said = words.feedback;
const STATES: (FeedbackState | "")[] = ["open", "accepted", "rejected", "golden", ""];

/** What people said of answers, by what came of it; beside it the one that the address names. */
export function Feedback() {
  useTitle(said.title);
  const { state: asked, id = "" } = useSearch({ strict: false }) as { state?: string; id?: string };
  const state = STATES.find((one) => one === (asked === "all" ? "" : (asked ?? "open"))) ?? "open";
  const queue = useQueue(state);
  const at = queue.entries.findIndex((one) => one.id === id);
  return (
    <main className="view feedback-view" id="main" tabIndex={-1} aria-labelledby="feedback-title">
      <div className={id === "" ? "feedback-frame" : "feedback-frame with-entry"}>
        <div className="feedback-queue">
          <h1 id="feedback-title">{said.title}</h1>
          <p className="muted">{said.lead}</p>
          <nav className="tabs" aria-label={said.which}>
            {STATES.map((one) => (
              <Link
                key={one}
                to="/admin/feedback"
                search={(one === "open" ? {} : { state: one === "" ? "all" : one }) as never}
                activeProps={{}}
                activeOptions={EXACT}
                aria-current={one === state ? "page" : undefined}
              >
                {one === "" ? said.all : said.states[one]}
              </Link>
            ))}
          </nav>
          {queue.problem !== null && <ProblemNotice problem={queue.problem} onRetry={queue.retry} />}
          {queue.pending && <p role="status">{said.loading}</p>}
          {!queue.pending && queue.problem === null && queue.entries.length === 0 && (
            <p className="muted feedback-none">{state === "open" ? said.none.open : said.none.other}</p>
          )}
          {queue.entries.length > 0 && (
            <ol className="feedback-list" aria-label={said.list}>
              {queue.entries.map((entry) => (
                <li key={entry.id}>
                  <EntryLink entry={entry} open={entry.id === id} all={state === ""} />
                </li>
              ))}
            </ol>
          )}
          {queue.more !== null && (
            <button type="button" className="secondary more" disabled={queue.busy} onClick={queue.more}>
              {queue.busy ? words.ui.loading : said.more}
            </button>
          )}
        </div>
        {id === "" ? (
          <p className="muted feedback-choose">{said.choose}</p>
        ) : (
          <FeedbackEntry
            key={id}
            id={id}
            before={queue.entries[at - 1]?.id ?? ""}
            after={queue.entries[at + 1]?.id ?? ""}
          />
        )}
      </div>
    </main>
  );
}

function EntryLink({ entry, open, all }: { entry: Entry; open: boolean; all: boolean }) {
  const search = (known: Record<string, unknown>) => ({ ...known, id: entry.id });
  const { kind, sentence, state } = entry;
  const verdict = [said.verdict(said.kinds[kind], said.of(sentence)), all ? said.states[state] : ""].filter(Boolean);
  return (
    <Link to="/admin/feedback" search={search as never} activeProps={{}} aria-current={open ? "true" : undefined} resetScroll={false}>
      <span className="feedback-verdict" data-kind={kind}>
        {verdict.join(" · ")}
      </span>
      <span className="feedback-question">{entry.question === "" ? said.hiddenQuestion : entry.question}</span>
      {entry.words !== "" && <q className="feedback-words">{entry.words}</q>}
      <span className="muted feedback-by">{said.line(nameOf(entry.by), formatMoment(entry.given_at))}</span>
    </Link>
  );
}

function useQueue(state: FeedbackState | "") {
  const { api } = useSigned();
  const queue = useInfiniteQuery({
    queryKey: ["feedback", "list", state],
    queryFn: ({ pageParam, signal }) => listFeedback(api, state, pageParam, signal),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  return {
    entries: queue.data?.pages.flatMap(({ feedback }) => feedback) ?? [],
    problem: queue.error === null ? null : Problem.from(queue.error),
    pending: queue.isPending,
    busy: queue.isFetchingNextPage,
    more: queue.hasNextPage ? () => void queue.fetchNextPage() : null,
    retry: () => void queue.refetch(),
  };
}
