import { createContext, useContext } from "react";
import type { Api } from "../client/api";
import type { Me, Session } from "../client/types";

/** What every view of a signed-in person has. */
export interface Signed {
  api: Api;
  session: Session;
  me: Me;
  signOut: () => void;
}

export const SignedContext = createContext<Signed | null>(null);

export function useSigned(): Signed {
  const signed = useContext(SignedContext);
  if (signed === null) throw new Error("useSigned outside of a signed-in page");
  return signed;
}

/** Whether the person's credential carries a scope; `admin` carries `write`. */
export function carries(me: Me, scope: "write" | "admin" | "audit"): boolean {
  return me.scopes.includes(scope) || (scope === "write" && me.scopes.includes("admin"));
}
