import type { ReactNode } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { words } from "../strings";
import "../styles/overlays.css";

interface Props {
  title: string;
  /** Content; given what closes the dialog. */
  children: ReactNode | ((close: () => void) => ReactNode);
  /** Called however it is closed: by Esc, by a click outside, by its button. */
  onClose: () => void;
  /** Beside the page, over its whole height (a drawer), in place of its middle. */
  side?: boolean;
  /** Whether something is under way that a click outside must not lose. */
  busy?: boolean;
  className?: string;
}

/** A dialog over the page while it is in the tree: focus stays in it and goes back to where it was. */
export function ModalDialog({ title, children, onClose, side = false, busy = false, className = "" }: Props) {
  return (
    <ModalOverlay
      className="overlay"
      isOpen
      isDismissable={!busy}
      isKeyboardDismissDisabled={busy}
      onOpenChange={(open) => open || onClose()}
    >
      <Modal className={side ? "modal drawer" : "modal"}>
        <Dialog className={`dialog ${className}`.trim()}>
          {({ close }) => (
            <>
              <div className="dialog-header">
                <Heading slot="title" level={2}>
                  {title}
                </Heading>
                <button type="button" className="quiet close" disabled={busy} onClick={close} aria-label={words.ui.close}>
                  <span aria-hidden="true">✕</span>
                </button>
              </div>
              <div className="dialog-body">{typeof children === "function" ? children(close) : children}</div>
            </>
          )}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
