import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef } from "react";
import { Notices } from "../notices/Notices";
import { words } from "../strings";
import { useMedia } from "../ui/hooks";
import { Wordmark } from "../ui/Wordmark";
import { ChatContext, useChat } from "../chat/useChat";
import { RunningAnswers } from "../conversations/RunningAnswers";
import { UploadContext, useUpload } from "../documents/useUpload";
import { useAreas } from "./areas";
import { carries, useSigned } from "./context";
import { useFocusKept } from "./focus";
import { SourceProvider, useSource } from "./source";

const SourcePane = lazy(() => import("../source/SourcePane"));
export const NARROW = "(max-width: 59.99rem)";

/** What stands around every view: the header, the view itself, and the source pane beside it. */
export function Shell() {
  const { api } = useSigned();
  return (
    <ChatContext value={useChat(api)}>
      <UploadContext value={useUpload(api)}>
        <SourceProvider>
          <Workspace />
        </SourceProvider>
      </UploadContext>
    </ChatContext>
  );
}

function Workspace() {
  const { place } = useSource();
  const narrow = useMedia(NARROW);
  useFocusOnView();
  useAreas();
  useFocusKept();
  return (
    <div className={place === null ? "workspace" : "workspace with-source"}>
      <div className="workspace-main" inert={narrow && place !== null}>
        <Header />
        <Suspense fallback={<main className="view" id="main" tabIndex={-1} aria-busy="true" />}>
          <Outlet />
        </Suspense>
      </div>
      {place !== null && (
        <Suspense fallback={<section className="source" aria-label={words.shell.opening} aria-busy="true" />}>
          <SourcePane place={place} modal={narrow} />
        </Suspense>
      )}
    </div>
  );
}

/** Another view begins at its top, for the keyboard and for screen readers; the first one does not take focus. */
function useFocusOnView() {
  const { pathname } = useLocation();
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    if (document.activeElement === document.body || document.activeElement?.closest("nav") !== null) {
      document.getElementById("main")?.focus({ preventScroll: true });
    }
  }, [pathname]);
}

function Header() {
  const { session, me, signOut } = useSigned();
  const name = session.people.find(({ user }) => user === me.user)?.name ?? me.user;
  return (
    <header className="header">
      <button type="button" className="skip" onClick={() => document.getElementById("main")?.focus()}>
        {words.shell.skip}
      </button>
      <Wordmark />
      <nav aria-label={words.shell.views}>
        <ViewLink to="/" name={words.shell.questions} also="/c/" />
        <ViewLink to="/documents" name={words.shell.documents} />
        <ViewLink to="/reviews" name={words.shell.reviews} />
        {(carries(me, "admin") || carries(me, "audit")) && <ViewLink to="/admin" name={words.shell.administration} />}
      </nav>
      <RunningAnswers />
      <div className="who">
        <Notices />
        <span className="who-name" title={words.shell.groups(me.groups)}>
          {name}
        </span>
        <button type="button" className="quiet" onClick={signOut}>
          {words.shell.signOut}
        </button>
      </div>
    </header>
  );
}

// The router marks a link as the current page by itself; whether it is one is decided here.
const EXACT = { exact: true, includeSearch: false };

/** A link to a view; the current one also while something below it is shown. */
function ViewLink({ to, name, also = "" }: { to: string; name: string; also?: string }) {
  const { pathname } = useLocation();
  const here = pathname === to || (to !== "/" && pathname.startsWith(`${to}/`)) || (also !== "" && pathname.startsWith(also));
  return (
    <Link to={to} search={{} as never} activeOptions={EXACT} aria-current={here ? "page" : undefined}>
      {name}
    </Link>
  );
}
