import { useSigned } from "../app/context";
import { useRuns } from "../evaluation/Evaluation";
import { Releases } from "../evaluation/Releases";
import { words } from "../strings";
import { AdminView } from "./AdminView";
import "../styles/evaluation.css";

/** What was released, which one answers, and what was done to each. */
export function ReleasesView() {
  const { api } = useSigned();
  const { runs } = useRuns();
  return (
    <AdminView title={words.admin.views.releases} lead={words.admin.releasesLead}>
      <div className="evaluation">
        <Releases api={api} runs={runs ?? []} />
      </div>
    </AdminView>
  );
}
