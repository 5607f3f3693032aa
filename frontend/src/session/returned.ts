import { Problem } from "../client/problem";

const MARK = "#sign-in-";
const TOLD: Record<string, [title: string, detail: string]> = {
  sign_in_failed: ["The sign-in did not complete", "It was begun elsewhere or too long ago. Sign in again."],
  sign_in_refused: [
    "Your organisation did not sign you in",
    "Sign in again. If it stays so, tell whoever looks after accounts.",
  ],
  not_authenticated: ["You may not sign in here", "Your account is not active. Ask whoever looks after accounts."],
  identity_provider_unavailable: ["Your organisation's sign-in cannot be reached", "Try again in a moment."],
};
const OTHER: [title: string, detail: string] = ["You could not be signed in", "Try again in a moment."];

/** Why one has come back from the organisation's sign-in without being signed in; null where that is not so. */
export function problemOfReturn(hash: string): Problem | null {
  if (!hash.startsWith(MARK)) return null;
  const code = hash.slice(MARK.length);
  const [title, detail] = TOLD[code] ?? OTHER;
  return new Problem(title, detail, code, 401);
}

/** Where the organisation's sign-in begins; it comes back to the view that was asked for. */
export function startOf(hash: string): string {
  const view = hash.startsWith(MARK) || hash === "#" ? "" : hash;
  return `/v1/session/oidc/start?${new URLSearchParams({ return_to: `/${view}` })}`;
}
