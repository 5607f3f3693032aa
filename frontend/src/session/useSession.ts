import { useCallback, useEffect, useMemo, useState } from "react";
import { Api } from "../client/api";
import { Problem } from "../client/problem";
import type { Me, Session, SignIn } from "../client/types";
import { words } from "../strings";
import { problemOfReturn } from "./returned";

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

const ENDED = new Problem(...words.signIn.ended, "session_ended", 401);
const REFUSED = new Problem(...words.signIn.refused, "key_refused", 401);

/** Who is signed in in this browser, and how to change it. The session is a cookie that no script reads. */
export function useSession(): SessionState {
  const [session, setSession] = useState<Session | null>(null);
  const [problem, setProblem] = useState<Problem | null>(() => problemOfReturn(location.hash));
  const [attempt, setAttempt] = useState(0);

  const leave = useCallback((reason: Problem | null) => {
    setSession((known) => known && { ...known, me: null });
    setProblem(reason);
  }, []);

  const api = useMemo(() => new Api(() => leave(ENDED)), [leave]);

  useEffect(() => {
    if (problemOfReturn(location.hash) !== null) history.replaceState(null, "", location.pathname); // told once
  }, []);

  useEffect(() => {
    let current = true;
    const read = (failed: (error: unknown) => void) =>
      api.session().then(
        (found) => current && setSession(found),
        (error: unknown) => current && failed(error),
      );
    const readAgain = () => read(() => undefined); // another tab may have signed in or out
    read((error) => setProblem(Problem.from(error)));
    window.addEventListener("focus", readAgain);
    return () => {
      current = false;
      window.removeEventListener("focus", readAgain);
    };
  }, [api, attempt]);

  const enter = async (who: SignIn) => {
    const me = await new Api().signIn(who);
    setProblem(null);
    setSession((known) => known && { ...known, me });
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
    signInAs: (user) => enter({ user }),
    signInWithKey: async (key) => {
      try {
        await enter({ key });
      } catch (error) {
        throw error instanceof Problem && error.status === 401 ? REFUSED : error;
      }
    },
    signOut: () => {
      new Api().signOut().then(
        () => leave(null),
        (error: unknown) => setProblem(Problem.from(error)),
      );
    },
  };
}
