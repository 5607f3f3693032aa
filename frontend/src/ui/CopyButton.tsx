import { useState } from "react";
import { words } from "../strings";

/** Copies a text, and says so where the browser let it. */
export function CopyButton({ text, label = words.ui.copy }: { text: string; label?: string }) {
  const [said, setSaid] = useState("");
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setSaid(words.ui.copied);
    } catch {
      setSaid(words.ui.notCopied);
    }
  }
  return (
    <>
      <button type="button" className="secondary" onClick={() => void copy()}>
        {label}
      </button>
      <span className="said" role="status">
        {said}
      </span>
    </>
  );
}
