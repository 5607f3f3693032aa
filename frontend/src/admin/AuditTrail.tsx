import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useSigned } from "../app/context";
import { NO_TRAIL_SEARCH, type TrailAsked, type TrailEntry, trail } from "../client/admin";
import { Problem } from "../client/problem";
import { words } from "../strings";
import { type Column, DataTable } from "../ui/DataTable";
import { formatInstant } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";
import { save } from "../ui/save";
import { AdminView } from "./AdminView";
import { actionName, personOf } from "./actions";
import { EntryDrawer } from "./EntryDrawer";
import { TrailSearch } from "./TrailSearch";
import { Verify } from "./Verify";

const told = words.trail;

/** The audit trail, newest first. What is searched for is in the address, as is the entry that is open. */
export function AuditTrail() {
  const { api } = useSigned();
  const { asked, entry, search, open } = useAsked();
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage, refetch } = useInfiniteQuery({
    queryKey: ["trail", asked],
    queryFn: ({ pageParam }) => trail.list(api, asked, pageParam),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const exported = useMutation({
    mutationFn: () => trail.exported(api, asked),
    onSuccess: (bytes) => save(bytes, "footnote-audit.jsonl"),
  });
  const narrowed = Object.values(asked).some((value) => value !== "");
  return (
    <AdminView title={told.title} lead={told.lead}>
      <Verify onOpen={open} />
      <TrailSearch key={JSON.stringify(asked)} asked={asked} onSearch={search} />
      <div className="view-actions">
        <button type="button" className="secondary" disabled={exported.isPending} onClick={() => exported.mutate()}>
          {exported.isPending ? told.exporting : narrowed ? told.exportFound : told.export}
        </button>
      </div>
      {exported.error !== null && <ProblemNotice problem={Problem.from(exported.error)} />}
      <DataTable
        name={told.entries}
        columns={columnsOf(open)}
        rows={data?.pages.flatMap((page) => page.entries)}
        keyOf={({ id, seq }) => `${id} ${seq}`}
        none={told.none}
        problem={error === null ? null : Problem.from(error)}
        onRetry={() => void refetch()}
        more={hasNextPage ? { name: told.more, busy: isFetchingNextPage, onMore: () => void fetchNextPage() } : undefined}
      />
      {entry !== "" && <EntryDrawer id={entry} onSearch={search} onClose={() => open("")} />}
    </AdminView>
  );
}

/** What the address asks for. An entry that is opened from here is not in it: closing it is no step back. */
function useAsked() {
  const navigate = useNavigate();
  const found = useSearch({ strict: false }) as Partial<Record<keyof TrailAsked | "entry", unknown>>;
  const names = Object.keys(NO_TRAIL_SEARCH) as (keyof TrailAsked)[];
  const asked = Object.fromEntries(names.map((name) => [name, String(found[name] ?? "")])) as unknown as TrailAsked;
  const [entry, setEntry] = useState(String(found.entry ?? ""));
  function search(wanted: Partial<TrailAsked>) {
    setEntry("");
    const filled = Object.fromEntries(Object.entries({ ...NO_TRAIL_SEARCH, ...wanted }).filter(([, value]) => value !== ""));
    void navigate({ to: "/admin/audit", search: filled as never });
  }
  return { asked, entry, search, open: setEntry };
}

function columnsOf(onOpen: (id: string) => void): Column<TrailEntry>[] {
  return [
    { id: "when", name: told.when, cell: (entry) => formatInstant(entry.at), className: "nowrap" },
    { id: "who", name: told.who, cell: (entry) => personOf(entry.principal) },
    { id: "what", name: told.what, cell: (entry) => <What entry={entry} onOpen={onOpen} /> },
    { id: "about", name: told.about, cell: (entry) => entry.about, className: "wraps" },
  ];
}

function What({ entry, onOpen }: { entry: TrailEntry; onOpen: (id: string) => void }) {
  const name = actionName(entry.action);
  return (
    <>
      <button type="button" className="link" aria-label={told.open(`${name}, ${formatInstant(entry.at)}`)} onClick={() => onOpen(entry.id)}>
        {name}
      </button>
      {entry.refused !== "" && <span className="badge warned">{told.refusedAs(entry.refused)}</span>}
    </>
  );
}
