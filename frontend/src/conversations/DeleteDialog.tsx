import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useSigned } from "../app/context";
import { useChatState } from "../chat/useChat";
import { type Conversation, conversations } from "../client/conversations";
import { Problem } from "../client/problem";
import { words } from "../strings";
import { ModalDialog } from "../ui/Dialog";
import { ProblemNotice } from "../ui/ProblemNotice";

const told = words.conversations;

/** Asks once more, for it cannot be undone. */
export default function DeleteDialog({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const { api } = useSigned();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { conversation: shown } = useParams({ strict: false }) as { conversation?: string };
  const { forget } = useChatState();
  const remove = useMutation({
    mutationFn: () => conversations.remove(api, conversation.id),
    onSuccess: async () => {
      forget(conversation.id);
      onClose();
      if (shown === conversation.id) await navigate({ to: "/", search: {} as never });
      client.removeQueries({ queryKey: ["conversations", "one", conversation.id] });
      await client.invalidateQueries({ queryKey: ["conversations", "list"] });
      document.getElementById("main")?.focus({ preventScroll: true });
    },
  });
  return (
    <ModalDialog title={told.removeTitle} onClose={onClose} busy={remove.isPending}>
      <p>{told.removeWhat(conversation.title || told.untitled)}</p>
      {remove.error !== null && <ProblemNotice problem={Problem.from(remove.error)} />}
      <div className="dialog-actions">
        <button type="button" className="secondary" autoFocus onClick={onClose}>
          {words.ui.cancel}
        </button>
        <button type="button" className="primary danger" disabled={remove.isPending} onClick={() => remove.mutate()}>
          {told.remove}
        </button>
      </div>
    </ModalDialog>
  );
}
