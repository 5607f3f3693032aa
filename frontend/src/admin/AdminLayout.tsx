import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { carries, useSigned } from "../app/context";
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

/** The views for administrators and auditors, those that this person's scopes open. */
export function AdminLayout() {
  const { me } = useSigned();
  const { pathname } = useLocation();
  const open = VIEWS.filter(([, , scopes]) => scopes.some((scope) => carries(me, scope)));
  return (
    <div className="admin">
      <nav className="admin-views" aria-label={words.admin.title}>
        {open.map(([path, name]) => (
          <Link key={path} to={path} search={{} as never} aria-current={isHere(pathname, path) ? "page" : undefined} activeProps={{}}>
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
