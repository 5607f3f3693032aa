import { Problem } from "../client/problem";
import { words } from "../strings";

const MARK = "#sign-in-";

/** Why one has come back from the organisation's sign-in without being signed in; null where that is not so. */
export function problemOfReturn(hash: string): Problem | null {
  if (!hash.startsWith(MARK)) return null;
  const code = hash.slice(MARK.length);
  const [title, detail] = words.signIn.returned[code] ?? words.signIn.other;
  return new Problem(title, detail, code, 401);
}

/** Where the organisation's sign-in begins; it comes back to the view that was asked for. */
export function startOf(hash: string): string {
  const view = hash.startsWith(MARK) || hash === "#" ? "" : hash;
  return `/v1/session/oidc/start?${new URLSearchParams({ return_to: `/${view}` })}`;
}
