import { AdminView } from "./AdminView";

export function Health() {
  return <AdminView title="Health" lead=""><p /></AdminView>;
}
