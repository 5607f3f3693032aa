import { timeLeft } from "../jobs/words";
import { formatBytes } from "../ui/format";
import type { Sending } from "./useUpload";

/** How much has gone out. It goes on while one looks at other views of the page, but ends with the page. */
export function SendingProgress({ sending, onStop }: { sending: Sending; onStop: () => void }) {
  return (
    <div className="sending">
      <progress aria-label="Sending" max={Math.max(sending.total, 1)} value={sending.sent} />
      <p>{sendingLine(sending, performance.now())}</p>
      <p className="visually-hidden" role="status">
        {sending.waiting ? "The connection was lost. Trying again." : "Sending. Keep this page open until all is sent."}
      </p>
      <button type="button" className="secondary" onClick={onStop}>
        Stop sending
      </button>
    </div>
  );
}

/** `now`: in the milliseconds of `since`. */
export function sendingLine({ sent, total, since, waiting }: Sending, now: number): string {
  if (waiting) return "The connection was lost; trying again…";
  if (sent >= total) return "Sent; the service is taking it in…";
  const seconds = (now - since) / 1000;
  const left = seconds < 2 || sent === 0 ? "" : ` · ${timeLeft(((total - sent) / sent) * seconds)}`;
  return `${formatBytes(sent)} of ${formatBytes(total)} sent${left}. Keep this page open until all is sent.`;
}
