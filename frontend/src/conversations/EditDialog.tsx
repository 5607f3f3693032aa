import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useSigned } from "../app/context";
import { type Conversation, conversations } from "../client/conversations";
import { Problem } from "../client/problem";
import { words } from "../strings";
import { ModalDialog } from "../ui/Dialog";
import { ProblemNotice } from "../ui/ProblemNotice";

const told = words.conversations;
const LONGEST = { title: 200, matter: 100 };

/** Title and matter of a conversation; `first`: which of them was asked for. */
export default function EditDialog(props: { conversation: Conversation; first: "title" | "matter"; onClose: () => void }) {
  const { conversation, first, onClose } = props;
  const { api } = useSigned();
  const client = useQueryClient();
  const id = useId();
  const [title, setTitle] = useState(conversation.title);
  const [matter, setMatter] = useState(conversation.matter);
  const change = useMutation({
    mutationFn: () => {
      // A title that was not touched stays the first question, whatever becomes of that.
      const changed = { ...(title.trim() !== conversation.title && { title: title.trim() }), ...(matter.trim() !== conversation.matter && { matter: matter.trim() }) };
      return conversations.change(api, conversation.id, changed);
    },
    onSuccess: (detail) => {
      client.setQueryData(["conversations", "one", conversation.id], detail);
      void client.invalidateQueries({ queryKey: ["conversations", "list"] });
      onClose();
    },
  });
  const fields = [
    { name: "title", label: told.title, hint: told.titleHint, value: title, set: setTitle },
    { name: "matter", label: told.matter, hint: told.matterHint, value: matter, set: setMatter },
  ] as const;
  return (
    <ModalDialog title={told.edit} onClose={onClose} busy={change.isPending}>
      <form
        className="edit-conversation"
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        {fields.map(({ name, label, hint, value, set }) => (
          <div key={name} className="field">
            <label htmlFor={`${id}-${name}`}>{label}</label>
            <input
              id={`${id}-${name}`}
              ref={(input) => {
                if (input !== null && name === first && document.activeElement !== input && value === conversation[name]) input.select();
              }}
              value={value}
              maxLength={LONGEST[name]}
              autoComplete="off"
              aria-describedby={`${id}-${name}-hint`}
              onChange={(event) => set(event.target.value)}
            />
            <p className="field-hint" id={`${id}-${name}-hint`}>
              {hint}
            </p>
          </div>
        ))}
        {change.error !== null && <ProblemNotice problem={Problem.from(change.error)} />}
        <div className="dialog-actions">
          <button type="button" className="secondary" onClick={onClose}>
            {words.ui.cancel}
          </button>
          <button type="submit" className="primary" disabled={change.isPending}>
            {told.save}
          </button>
        </div>
      </form>
    </ModalDialog>
  );
}
