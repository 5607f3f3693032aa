import { useCallback, useEffect, useMemo, useState } from "react";
import { Api } from "../client/api";
import { Problem } from "../client/problem";
import type { Me, Session } from "../client/types";
import { clearToken, loadToken, saveToken } from "./store";

export interface SessionState {
  /** Null until the server has answered. */
  session: Session | null;
  me: Me | null;
  api: Api;
  problem: Problem | null;
  reload: () => void;
  signInAs: (user: string) => Promise<void>;
  signInWithKey: (key: string) => Promise<void>;
  signOut: () => void;
}

const ENDED = new Problem("Your session has ended", "Sign in again to go on.", "session_ended", 401);
const REFUSED = new Problem(
  "This key was not accepted",
  "Check that it is complete, or ask for a new one.",
  "key_refused",
  401,
);

/** Who is signed in on this tab, and how to change it. */
export function useSession(): SessionState {
  const [token, setToken] = useState(loadToken);
  const [session, setSession] = useState<Session | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [attempt, setAttempt] = useState(0);

  const leave = useCallback((reason: Problem | null) => {
    clearToken();
    setToken(null);
    setSession((known) => known && { ...known, me: null });
    setProblem(reason);
  }, []);

  const api = useMemo(() => new Api(token, () => leave(ENDED)), [token, leave]);

  useEffect(() => {
    if (session !== null) return;
    let current = true;
    api.session().then(
      (found) => {
        if (!current) return;
        if (token !== null && found.me === null) leave(ENDED);
        setSession(found);
      },
      (error: unknown) => {
        const failed = Problem.from(error);
        // A refused token has been dropped by now; the session is then read again without it.
        if (current && (token === null || failed.status !== 401)) setProblem(failed);
      },
    );
    return () => {
      current = false;
    };
  }, [api, token, session, attempt, leave]);

  const enter = async (newToken: string) => {
    const found = await new Api(newToken).session();
    if (found.me === null) throw REFUSED;
    saveToken(newToken);
    setProblem(null);
    setSession(found);
    setToken(newToken);
  };

  return {
    session,
    me: session?.me ?? null,
    api,
    problem,
    reload: () => {
      setProblem(null);
      setAttempt((n) => n + 1);
    },
    signInAs: async (user) => enter((await api.signIn(user)).token),
    signInWithKey: async (key) => {
      try {
        await enter(key);
      } catch (error) {
        throw error instanceof Problem && error.status === 401 ? REFUSED : error;
      }
    },
    signOut: () => leave(null),
  };
}
