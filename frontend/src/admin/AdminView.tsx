import { type ReactNode, useId } from "react";
import { useTitle } from "../app/title";

/** One view of the administration: its heading, what it is for, and what it shows. */
export function AdminView({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  const id = useId();
  useTitle(title);
  return (
    <main className="view" id="main" tabIndex={-1} aria-labelledby={id}>
      <div className="wide-column">
        <header className="view-head">
          <h1 id={id}>{title}</h1>
          <p className="lead">{lead}</p>
        </header>
        {children}
      </div>
    </main>
  );
}
