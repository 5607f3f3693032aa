import { createBrowserHistory, parseHref } from "@tanstack/history";
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { Chat } from "../chat/Chat";
import { pathOf } from "./places";
import { Shell } from "./Shell";
import { Failed, NotThere } from "./views";

const root = createRootRoute({ component: Shell, notFoundComponent: NotThere, errorComponent: Failed });
const view = <P extends string>(path: P, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({ getParentRoute: () => root, path, component });

// One view for both addresses: it stays as it is when a new conversation gets its own.
const questions = createRoute({ getParentRoute: () => root, id: "questions", component: Chat });

const admin = createRoute({
  getParentRoute: () => root,
  path: "/admin",
  component: lazyRouteComponent(() => import("../admin/AdminLayout"), "AdminLayout"),
});
const administration = <P extends string>(path: P, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({ getParentRoute: () => admin, path, component });

const routes = root.addChildren([
  questions.addChildren([
    createRoute({ getParentRoute: () => questions, path: "/" }),
    createRoute({ getParentRoute: () => questions, path: "/c/$conversation" }),
  ]),
  view("/reviews", lazyRouteComponent(() => import("../reviews/Reviews"), "Reviews")),
  view("/reviews/new", lazyRouteComponent(() => import("../reviews/NewReview"), "NewReview")),
  view("/reviews/$id", lazyRouteComponent(() => import("../reviews/Review"), "Review")),
  view("/answers/$id", lazyRouteComponent(() => import("../notices/StoredAnswer"), "StoredAnswer")),
  view("/documents", lazyRouteComponent(() => import("../documents/Documents"), "Documents")),
  view("/compare", lazyRouteComponent(() => import("../compare/Compare"), "Compare")),
  view("/documents/deleted", lazyRouteComponent(() => import("../documents/Deleted"), "Deleted")),
  admin.addChildren([
    administration("/", lazyRouteComponent(() => import("../admin/Start"), "Start")),
    administration("/usage", lazyRouteComponent(() => import("../admin/Usage"), "Usage")),
    administration("/jobs", lazyRouteComponent(() => import("../admin/AllJobs"), "AllJobs")),
    administration("/people", lazyRouteComponent(() => import("../admin/People"), "People")),
    administration("/audit", lazyRouteComponent(() => import("../admin/AuditTrail"), "AuditTrail")),
    administration("/keys", lazyRouteComponent(() => import("../admin/Keys"), "Keys")),
    administration("/feedback", lazyRouteComponent(() => import("../feedback/Feedback"), "Feedback")),
    administration("/releases", lazyRouteComponent(() => import("../admin/ReleasesView"), "ReleasesView")),
    administration("/evaluation", lazyRouteComponent(() => import("../evaluation/Evaluation"), "Evaluation")),
    administration("/evaluation/$run", lazyRouteComponent(() => import("../evaluation/Evaluation"), "Evaluation")),
  ]),
]);

/** Views lie behind `#`: the server serves one page, and what is asked for never reaches its log. */
export function newRouter() {
  const history = createBrowserHistory({
    parseLocation: () => parseHref(pathOf(location.hash.slice(1)), window.history.state),
    createHref: (path) => `./#${path}`, // "/#" or "#" at its beginning is read as a link within the page
  });
  return createRouter({ routeTree: routes, history, defaultPreload: "intent", scrollRestoration: false });
}
