import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { Api } from "../client/api";
import { Problem } from "../client/problem";
import type { Me, Session, SignIn } from "../client/types";
import { words } from "../strings";
import { forgetKept, keepFor } from "./kept";
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
const OTHER_TABS = "footnote.signed-out";
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

  /** Nothing of whom signs out is left to the next one: not what the tab kept for them, nor the address that they were at. */
  const signedOut = useCallback(() => {
    flushSync(() => leave(null));
    forgetKept();
    history.replaceState(null, "", location.pathname);
  }, [leave]);
  const tellOthers = useOtherTabs(signedOut);

  const api = useMemo(() => new Api(() => leave(ENDED)), [leave]);

  useEffect(() => {
    if (problemOfReturn(location.hash) !== null) history.replaceState(null, "", location.pathname); // told once
  }, []);

  useEffect(() => {
    let current = true;
    const read = (failed: (error: unknown) => void) =>
      api.session().then(
        (found) => {
          if (!current) return;
          if (found.me !== null) keepFor(found.me.user);
          setSession(found);
        },
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
    keepFor(me.user);
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
        () => {
          signedOut();
          tellOthers();
        },
        (error: unknown) => setProblem(Problem.from(error)),
      );
    },
  };
}

/** The session is the browser's: who signs out in one of its tabs is signed out in all. Gives what tells the others. */
function useOtherTabs(onSignedOut: () => void): () => void {
  const others = useRef<BroadcastChannel | null>(null);
  useEffect(() => {
    const channel = new BroadcastChannel(OTHER_TABS);
    channel.onmessage = onSignedOut;
    others.current = channel;
    return () => channel.close();
  }, [onSignedOut]);
  return useCallback(() => others.current?.postMessage(""), []);
}
