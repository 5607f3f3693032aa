import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSigned } from "../app/context";
import { admin, type KnownPerson } from "../client/admin";
import { Problem } from "../client/problem";
import { words } from "../strings";
import { formatDate } from "../ui/format";
import { ProblemNotice } from "../ui/ProblemNotice";
import { AdminView } from "./AdminView";

const told = words.people;

/** Whom the installation knows, with the groups that decide what they may read. */
export function People() {
  const { api } = useSigned();
  const [sought, setSought] = useState("");
  const { data, error, refetch } = useQuery({ queryKey: ["people"], queryFn: () => admin.people(api) });
  const all = data?.people ?? [];
  const shown = all.filter((person) => fits(person, sought));
  return (
    <AdminView title={told.title} lead={told.lead}>
      <label className="field">
        <span>{told.find}</span>
        <input type="search" value={sought} onChange={(event) => setSought(event.target.value)} />
      </label>
      {error !== null && <ProblemNotice problem={Problem.from(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <p role="status">{words.ui.loading}</p>}
      {data !== undefined && (
        <p className="muted" role="status">
          {shown.length === 0 ? told.none : told.count(shown.length, all.length)}
        </p>
      )}
      {shown.length > 0 && (
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
            {shown.map((person) => (
              <Row key={person.user} person={person} />
            ))}
          </tbody>
        </table>
      )}
    </AdminView>
  );
}

function Row({ person }: { person: KnownPerson }) {
  const [, groups, known, keys, seen, state] = told.head;
  return (
    <tr>
      <th scope="row">
        {person.name || person.user}
        {person.name !== "" && person.name !== person.user && <span className="muted"> {person.user}</span>}
      </th>
      <td data-label={groups}>
        <span className="labels">
          {person.groups.map((group) => (
            <span key={group} className="label">
              {group}
            </span>
          ))}
        </span>
      </td>
      <td data-label={known}>{person.sources.map((source) => told.sources[source] ?? source).join(", ")}</td>
      <td data-label={keys}>{person.keys}</td>
      <td data-label={seen}>{person.last_seen === null ? told.never : formatDate(person.last_seen)}</td>
      <td data-label={state}>{person.active ? told.active : told.inactive}</td>
    </tr>
  );
}

function fits({ user, name, groups }: KnownPerson, sought: string): boolean {
  const words = sought.toLowerCase().split(/\s+/).filter(Boolean);
  const told = [user, name, ...groups].join("\n").toLowerCase();
  return words.every((word) => told.includes(word));
}
