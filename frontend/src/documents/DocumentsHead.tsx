import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { words } from "../strings";

const told = words.documents;
const EXACT = { exact: true, includeSearch: false };

/** The title of the view, the way between the list and the recycle bin, and what can be done. */
export function DocumentsHead({ bin, here, children }: { bin: boolean; here: "list" | "bin"; children?: ReactNode }) {
  return (
    <div className="documents-head">
      <h1 id="documents-title">{here === "list" ? told.title : told.bin}</h1>
      {bin && (
        <nav className="sections" aria-label={told.sections}>
          <Link to="/documents" search={{} as never} activeOptions={EXACT}>
            {told.all}
          </Link>
          <Link to="/documents/deleted" search={{} as never} activeOptions={EXACT}>
            {told.bin}
          </Link>
        </nav>
      )}
      {children !== undefined && <div className="head-actions">{children}</div>}
    </div>
  );
}
