import { lazy, Suspense, useState } from "react";
import { useSigned } from "../app/context";
import { type Conversation, conversations, type ExportFormat } from "../client/conversations";
import { Problem } from "../client/problem";
import { words } from "../strings";
import { ModalDialog } from "../ui/Dialog";
import { ActionMenu } from "../ui/Menu";
import { ProblemNotice } from "../ui/ProblemNotice";
import { save } from "../ui/save";

const EditDialog = lazy(() => import("./EditDialog"));
const DeleteDialog = lazy(() => import("./DeleteDialog"));
const ShareDialog = lazy(() => import("./ShareDialog"));

const told = words.conversations;
type Open = "title" | "matter" | "share" | "remove" | null;

/** What can be done with an own conversation. */
export function ConversationActions({ conversation }: { conversation: Conversation }) {
  const { api } = useSigned();
  const [open, setOpen] = useState<Open>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const close = () => setOpen(null);

  async function exported(format: ExportFormat) {
    try {
      save(await conversations.exported(api, conversation.id, format), `${conversation.title.replace(/[^\p{L}\p{N} .-]+/gu, " ").trim() || told.untitled}.${format}`);
    } catch (error) {
      setProblem(Problem.from(error));
    }
  }

  return (
    <>
      <ActionMenu
        label={told.actions(conversation.title || told.untitled)}
        className="quiet row-actions"
        actions={[
          [
            { id: "title", name: told.rename, onAction: () => setOpen("title") },
            { id: "matter", name: told.file, onAction: () => setOpen("matter") },
            { id: "share", name: told.share, onAction: () => setOpen("share") },
          ],
          (["docx", "pdf", "md"] as const).map((format) => ({ id: format, name: told.exportAs[format], onAction: () => void exported(format) })),
          [{ id: "remove", name: told.remove, onAction: () => setOpen("remove"), danger: true }],
        ]}
      >
        <span aria-hidden="true">⋯</span>
      </ActionMenu>
      <Suspense fallback={null}>
        {(open === "title" || open === "matter") && <EditDialog conversation={conversation} first={open} onClose={close} />}
        {open === "share" && <ShareDialog conversation={conversation} onClose={close} />}
        {open === "remove" && <DeleteDialog conversation={conversation} onClose={close} />}
      </Suspense>
      {problem !== null && (
        <ModalDialog title={problem.title} onClose={() => setProblem(null)}>
          <ProblemNotice problem={problem} />
        </ModalDialog>
      )}
    </>
  );
}
