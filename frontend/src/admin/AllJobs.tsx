import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useSigned } from "../app/context";
import { admin, type AnyJob, type AnyJobs } from "../client/admin";
import { Problem } from "../client/problem";
import { words } from "../strings";
import { type Column, DataTable } from "../ui/DataTable";
import { formatDuration, formatInstant, formatNumber } from "../ui/format";
import { useVisible } from "../ui/hooks";
import { AdminView } from "./AdminView";

const told = words.allJobs;
const EVERY_MS = 5000;
const FIGURES = ["workers", "waiting", "stalled", "failed"] as const;

const COLUMNS: Column<AnyJob>[] = [
  { id: "begun", name: told.head.begun, cell: (job) => formatInstant(job.created_at) },
  { id: "by", name: told.head.by, cell: (job) => <Owner name={job.owner?.replace(/^user:/, "") ?? ""} /> },
  { id: "kind", name: told.head.kind, cell: (job) => told.kinds[job.kind] ?? job.kind },
  { id: "state", name: told.head.state, cell: (job) => words.jobs.status[job.status] },
  { id: "files", name: told.head.files, cell: (job) => told.files(job.done, job.files) },
  { id: "failed", name: told.head.failed, cell: (job) => formatNumber(job.failed) },
  { id: "took", name: told.head.took, cell: tookLine },
];

/** Everybody's jobs, newest first, and how the workers do. */
export function AllJobs() {
  const { api } = useSigned();
  const visible = useVisible();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ["all jobs"],
    queryFn: ({ pageParam }) => admin.jobs(api, pageParam),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: visible ? EVERY_MS : false,
  });
  const now = data?.pages[0];
  return (
    <AdminView title={told.title} lead={told.lead}>
      {now !== undefined && <Figures now={now} />}
      <DataTable
        name={told.title}
        columns={COLUMNS}
        rows={data?.pages.flatMap((page) => page.jobs)}
        keyOf={({ id }) => id}
        none={told.none}
        problem={error === null ? null : Problem.from(error)}
        onRetry={() => void refetch()}
        more={hasNextPage ? { name: told.more, busy: isFetchingNextPage, onMore: () => void fetchNextPage() } : undefined}
      />
    </AdminView>
  );
}

/** How the workers do, and what to do where they do not. */
function Figures({ now }: { now: AnyJobs }) {
  const wrong = FIGURES.filter((name) => (name === "workers" ? now.workers === 0 && now.waiting > 0 : name !== "waiting" && now[name] > 0));
  return (
    <>
      <dl className="figures">
        {FIGURES.map((name) => (
          <div key={name} className="figure">
            <dt>{told[name]}</dt>
            <dd>
              <strong>{formatNumber(now[name])}</strong>
            </dd>
          </div>
        ))}
      </dl>
      {wrong.length > 0 && (
        <ul className="notice partial">
          {wrong.map((name) => (
            <li key={name}>{told.todo[name]}</li>
          ))}
        </ul>
      )}
    </>
  );
}

/** Who handed it in, and the way to what is known of them. */
function Owner({ name }: { name: string }) {
  if (name === "") return told.operator;
  return (
    <Link to="/admin/people" search={{ q: name } as never}>
      {name}
    </Link>
  );
}

function tookLine({ started_at, finished_at }: AnyJob): string {
  if (started_at === null || finished_at === null) return "";
  return formatDuration(Date.parse(finished_at) - Date.parse(started_at));
}
