import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { carries, useSigned } from "../app/context";
import { NotThere } from "../app/views";
import { words } from "../strings";
import "../styles/admin.css";

type Scope = "admin" | "audit";
const VIEWS: [path: string, name: string, scopes: Scope[]][] = [
  ["/admin", words.admin.views.health, ["admin"]],
  ["/admin/usage", words.admin.views.usage, ["admin"]],
  ["/admin/jobs", words.admin.views.jobs, ["admin"]],
  ["/admin/people", words.admin.views.people, ["admin"]],
  ["/admin/keys", words.admin.views.keys, ["admin"]],
  ["/admin/evaluation", words.admin.views.evaluation, ["admin"]],
  ["/admin/releases", words.admin.views.releases, ["admin"]],
  ["/admin/feedback", words.admin.views.feedback, ["admin", "audit"]],
  ["/admin/audit", words.admin.views.audit, ["audit"]],
];

const EXACT = { exact: true, includeSearch: false };

/** The views for administrators and auditors, those that this person's scopes open. */
export function AdminLayout() {
  const { me } = useSigned();
  const { pathname } = useLocation();
  const views = useRef<HTMLElement>(null);
  // Where they do not fit side by side, the current one is seen.
  useEffect(() => {
    views.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" }); // a promise in some browsers
  }, [pathname]);
  const open = VIEWS.filter(([, , scopes]) => scopes.some((scope) => carries(me, scope)));
  if (!open.some(([path]) => isHere(pathname, path)) && !(pathname === "/admin" && open.length > 0)) return <NotThere />;
  return (
    <div className="admin">
      <nav ref={views} className="admin-views" aria-label={words.admin.title}>
        {open.map(([path, name]) => (
          <Link key={path} to={path} search={{} as never} activeOptions={EXACT} aria-current={isHere(pathname, path) ? "page" : undefined}>
            {name}
          </Link>
        ))}
      </nav>
      <Outlet />
    </div>
  );
}

function isHere(pathname: string, path: string): boolean {
  return pathname === path || (path !== "/admin" && pathname.startsWith(`${path}/`));
}
