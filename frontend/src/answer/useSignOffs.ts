import { useQuery } from "@tanstack/react-query";
import { type RefObject, useEffect, useState } from "react";
import { useSigned } from "../app/context";
import { answers, type SignOff } from "../client/answers";
import type { Answer } from "../client/types";

const NONE: SignOff[] = [];

export const signOffsKey = (auditId: string) => ["answers", auditId, "sign-offs"];

/**
 * What was signed of an answer. It is asked for when the answer comes into view, and each look is an entry of the audit
 * trail; of an answer that was just given there is nothing to ask for.
 */
export function useSignOffs(answer: Answer | null, phase: string, root: RefObject<HTMLElement | null>) {
  const { api } = useSigned();
  const [fresh] = useState(phase === "running");
  const seen = useSeen(root, answer !== null && !fresh);
  const auditId = answer?.audit_id ?? "";
  const { data } = useQuery({
    queryKey: signOffsKey(auditId),
    queryFn: () => answers.signOffs(api, auditId),
    enabled: seen && auditId !== "",
    staleTime: 60_000,
  });
  return { signOffs: data ?? NONE };
}

/** Whether an element was in view at any time since it was wanted. */
function useSeen(root: RefObject<HTMLElement | null>, wanted: boolean): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (!wanted || seen || root.current === null || !("IntersectionObserver" in window)) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) setSeen(true);
    });
    observer.observe(root.current);
    return () => observer.disconnect();
  }, [root, wanted, seen]);
  return seen;
}
