import { useInfiniteQuery } from "@tanstack/react-query";
import { useSigned } from "../app/context";
import { admin, type AnyJob } from "../client/admin";
import { Problem } from "../client/problem";
import { words } from "../strings";
import { formatInstant, formatMilliseconds, formatNumber } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";
import { AdminView } from "./AdminView";

const told = words.allJobs;
const EVERY_MS = 5000;

/** Everybody's jobs, and how the workers do. */
export function AllJobs() {
  const { api } = useSigned();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ["all jobs"],
    queryFn: ({ pageParam }) => admin.jobs(api, pageParam),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: EVERY_MS,
  });
  const now = data?.pages[0];
  const jobs = data?.pages.flatMap((page) => page.jobs) ?? [];
  return (
    <AdminView title={told.title} lead={told.lead}>
      {error !== null && <ProblemNotice problem={Problem.from(error)} onRetry={() => void refetch()} />}
      {now === undefined && error === null && <p role="status">{words.ui.loading}</p>}
      {now !== undefined && (
        <dl className="figures">
          {(["workers", "waiting", "stalled", "failed"] as const).map((name) => (
            <div key={name} className="figure">
              <dt>{told[name]}</dt>
              <dd>
                <strong>{formatNumber(now[name])}</strong>
              </dd>
            </div>
          ))}
        </dl>
      )}
      {now !== undefined && jobs.length === 0 && <p className="muted">{told.none}</p>}
      {jobs.length > 0 && <Rows jobs={jobs} />}
      {hasNextPage && (
        <button type="button" className="secondary more" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {told.more}
        </button>
      )}
    </AdminView>
  );
}

function Rows({ jobs }: { jobs: AnyJob[] }) {
  const [, by, kind, state, files, failed, took] = told.head;
  return (
    <table className="data-table stacks">
      <caption className="visually-hidden">{told.title}</caption>
      <thead>
        <tr>
          {told.head.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <tr key={job.id}>
            <th scope="row">{formatInstant(job.created_at)}</th>
            <td data-label={by}>{job.owner?.replace(/^user:/, "") ?? told.operator}</td>
            <td data-label={kind}>{job.kind}</td>
            <td data-label={state}>{job.status}</td>
            <td data-label={files}>{told.files(job.done, job.files)}</td>
            <td data-label={failed}>{job.failed}</td>
            <td data-label={took}>{tookLine(job)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function tookLine({ started_at, finished_at }: AnyJob): string {
  if (started_at === null || finished_at === null) return "";
  return formatMilliseconds(Date.parse(finished_at) - Date.parse(started_at));
}
