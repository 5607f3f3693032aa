import { useEffect, useState } from "react";

const SECOND = 1000;

/** The time, in ms since 1970, each second while it is `ticking`. */
export function useNow(ticking: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!ticking) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), SECOND);
    return () => clearInterval(timer);
  }, [ticking]);
  return now;
}

/** Whole seconds until a time, in ms since 1970; 0 once it is past. */
export function useSecondsLeft(until: number): number {
  const [past, setPast] = useState(0); // the time that is known to be past
  const now = useNow(until > past);
  const left = Math.max(0, Math.ceil((until - now) / SECOND));
  useEffect(() => {
    if (left === 0) setPast(until);
  }, [left, until]);
  return left;
}
