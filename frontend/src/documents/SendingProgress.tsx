import { timeLeft } from "../jobs/words";
import { words } from "../strings";
import { formatBytes } from "../ui/format";
import type { Sending } from "./useUpload";

const told = words.documents.upload;

/** How much has gone out. It goes on while one looks at other views of the page, but ends with the page. */
export function SendingProgress({ sending, onStop }: { sending: Sending; onStop: () => void }) {
  return (
    <div className="sending">
      <progress aria-label={told.sending} max={Math.max(sending.total, 1)} value={sending.sent} />
      <p>{sendingLine(sending, performance.now())}</p>
      <p className="visually-hidden" role="status">
        {sending.waiting ? told.lostHeard : told.sendingAll}
      </p>
      <button type="button" className="secondary" onClick={onStop}>
        {told.stop}
      </button>
    </div>
  );
}

/** `now`: in the milliseconds of `since`. */
export function sendingLine({ sent, total, since, waiting }: Sending, now: number): string {
  if (waiting) return told.lost;
  if (sent >= total) return told.takenIn;
  const seconds = (now - since) / 1000;
  const left = seconds < 2 || sent === 0 ? "" : timeLeft(((total - sent) / sent) * seconds);
  return told.sent(formatBytes(sent), formatBytes(total), left);
}
