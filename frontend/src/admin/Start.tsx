import { Navigate } from "@tanstack/react-router";
import { carries, useSigned } from "../app/context";
import { Health } from "./Health";

/** The first view of the administration that a person's scopes open. */
export function Start() {
  const { me } = useSigned();
  return carries(me, "admin") ? <Health /> : <Navigate to="/admin/audit" search={{} as never} />;
}
