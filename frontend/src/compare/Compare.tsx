import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useSigned } from "../app/context";
import { useTitle } from "../app/title";
import { sources, type Compared, type Only } from "../client/sources";
import { Problem } from "../client/problem";
import { stepFor } from "../source/useSteps";
import { words } from "../strings";
import { ProblemNotice } from "../ui/ProblemNotice";
import { Warnings } from "../ui/Warnings";
import "../styles/compare.css";
import { type ComparisonAsked, readAsked } from "./asked";
import { CompareTools } from "./CompareTools";
import { DifferenceView } from "./DifferenceView";

const AT_ONCE = 50;

/** What differs between two versions of a document, or between two documents, as pairs of quotes. */
export function Compare() {
  const asked = readAsked(useSearch({ strict: false }));
  if (asked === null) return <NotNamed />;
  const { old, now } = asked;
  return <Comparison key={[old.document_id, old.version_id, now.document_id, now.version_id].join(" ")} asked={asked} />;
}

function NotNamed() {
  useTitle(words.comparing.title);
  return (
    <main className="view" id="main" tabIndex={-1}>
      <div className="wide-column">
        <h1>{words.comparing.notNamed}</h1>
        <p className="lead">{words.comparing.notNamedWhat}</p>
      </div>
    </main>
  );
}

function Comparison({ asked }: { asked: ComparisonAsked }) {
  const { api } = useSigned();
  const navigate = useNavigate();
  const { old, now, only } = asked;
  const found = useInfiniteQuery({
    queryKey: ["compare", old, now, only],
    queryFn: ({ pageParam }) => sources.compare(api, old, now, only, pageParam, AT_ONCE),
    initialPageParam: 0,
    getNextPageParam: ({ next }: Compared) => next,
    placeholderData: (before) => before,
  });
  const first = found.data?.pages[0];
  const heading = first === undefined ? words.comparing.title : headingOf(first);
  useTitle(first === undefined ? words.comparing.title : `${words.comparing.title}: ${heading}`);
  const problem = found.error === null ? null : Problem.from(found.error);
  const gone = problem?.status === 404;
  const differences = found.data?.pages.flatMap((page) => page.differences) ?? [];
  const steps = useStepping(differences.length, found.hasNextPage ? () => void found.fetchNextPage() : null);

  function choose(kinds: Only[]) {
    const search = ({ only: _before, ...rest }: Record<string, unknown>) =>
      kinds.length === 0 ? rest : { ...rest, only: kinds.join(",") };
    steps.restart();
    void navigate({ to: ".", search: search as never, replace: true, resetScroll: false });
  }

  return (
    <main className="view compare" id="main" tabIndex={-1} onKeyDown={steps.onKeyDown} aria-busy={found.isFetching}>
      <div className="wide-column">
        <h1>{gone ? words.comparing.title : heading}</h1>
        {problem !== null && (
          <ProblemNotice
            problem={gone ? new Problem(words.comparing.gone, "", problem.code, 404) : problem}
            onRetry={gone ? undefined : () => void found.refetch()}
          />
        )}
        {found.isPending && (
          <p className="muted" role="status">
            {words.comparing.loading}
          </p>
        )}
        {first !== undefined && !gone && (
          <>
            <p className="lead">{first.summary}</p>
            <Warnings title={words.comparing.notes} lines={first.notes} />
            <CompareTools
              compared={first}
              only={only}
              onChoose={choose}
              at={steps.at}
              onStep={steps.go}
            />
            <div className="sides" aria-hidden="true">
              <span>{words.comparing.side(first.old.title, first.old.version)}</span>
              <span>{words.comparing.side(first.new.title, first.new.version)}</span>
            </div>
            {first.total === 0 && <p className="muted">{only.length > 0 ? words.comparing.nothing : words.comparing.same}</p>}
            <div className="differences" ref={steps.list}>
              {differences.map((difference, index) => (
                <DifferenceView key={index} difference={difference} number={index + 1} />
              ))}
            </div>
            {found.hasNextPage && (
              <p className="more">
                <button type="button" className="secondary" disabled={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
                  {words.comparing.more}
                </button>
                <span className="muted">{words.comparing.shown(differences.length, first.total)}</span>
              </p>
            )}
          </>
        )}
      </div>
    </main>
  );
}

function headingOf({ old, new: now }: Compared): string {
  const same = old.document_id === now.document_id;
  return same ? words.comparing.ofVersions(old.version, now.version, now.title) : words.comparing.ofDocuments(old.title, now.title);
}

/** Steps from difference to difference; at the end of those that are loaded, the rest is fetched and gone on with. */
function useStepping(loaded: number, fetchMore: (() => void) | null) {
  const list = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(0);
  const waiting = useRef(false);

  function show(number: number) {
    const found = list.current?.querySelector<HTMLElement>(`[data-number="${number}"]`);
    if (found === null || found === undefined) return;
    found.focus({ preventScroll: true });
    found.scrollIntoView({ block: "start" });
    setAt(number);
  }

  function go(by: 1 | -1) {
    const number = at + by;
    if (number > loaded && fetchMore !== null) {
      waiting.current = true;
      fetchMore();
    } else show(number);
  }

  useEffect(() => {
    if (!waiting.current) return;
    waiting.current = false;
    show(at + 1);
    // Only what has been loaded meanwhile is gone on with.
  }, [loaded]);

  function onKeyDown(event: KeyboardEvent) {
    const step = stepFor(event);
    if (step === 0) return;
    event.preventDefault();
    go(step);
  }
  return { list, at, go, onKeyDown, restart: () => setAt(0) };
}
