import { useState } from "react";
import { Dialog, Modal, ModalOverlay } from "react-aria-components";
import { useSource } from "../app/source";
import { keep, kept } from "../session/kept";
import { words } from "../strings";
import { useMedia } from "../ui/hooks";
import "../styles/conversations.css";
import { ConversationList } from "./ConversationList";

const COLUMN = "conversations"; // "hidden", or nothing
const NARROW = "(max-width: 59.99rem)";
const NARROW_BESIDE_A_SOURCE = "(max-width: 99.99rem)";

/** The list of conversations: a column, or a drawer where there is no room for one. A button shows and hides it. */
export function Conversations({ current }: { current: string | null }) {
  const { place } = useSource();
  const drawer = useMedia(place === null ? NARROW : NARROW_BESIDE_A_SOURCE);
  const [column, setColumn] = useState(() => kept(COLUMN) !== "hidden");
  const [drawn, setDrawn] = useState(false);
  const shown = drawer ? drawn : column;

  function toggle() {
    if (drawer) return setDrawn(!drawn);
    setColumn(!column);
    keep(COLUMN, column ? "hidden" : null);
  }

  return (
    <nav className={!drawer && column ? "conversations" : "conversations closed"} aria-label={words.conversations.list}>
      <button type="button" className="quiet conversations-toggle" aria-expanded={shown} aria-label={shown ? words.conversations.hide : words.conversations.show} onClick={toggle}>
        <span aria-hidden="true">☰</span>
      </button>
      {!drawer && column && <ConversationList current={current} onChosen={() => undefined} />}
      {drawer && (
        <ModalOverlay className="overlay" isOpen={drawn} isDismissable onOpenChange={setDrawn}>
          <Modal className="modal drawer-start">
            <Dialog className="dialog-plain" aria-label={words.conversations.list}>
              <button type="button" className="quiet close" onClick={() => setDrawn(false)} aria-label={words.ui.close}>
                <span aria-hidden="true">✕</span>
              </button>
              <ConversationList current={current} onChosen={() => setDrawn(false)} />
            </Dialog>
          </Modal>
        </ModalOverlay>
      )}
    </nav>
  );
}
