import { Focusable, OverlayArrow, Tooltip, TooltipTrigger } from "react-aria-components";
import type { Citation } from "../client/types";
import { type ChipName, spokenName } from "./naming";
import { isOpen, useReading } from "./reading";
import { SourceCard } from "./SourceCard";

const DELAY_MS = 250;

/** A citation in the text: says what it cites, opens it, and shows a card under the pointer or the focus. */
export function Chip({ citation, name, support }: { citation: Citation; name: ChipName; support: string }) {
  const { onCite, place } = useReading();
  const open = isOpen(citation, place);
  return (
    <TooltipTrigger delay={DELAY_MS} closeDelay={100}>
      <Focusable>
        <button
          type="button"
          className="citation"
          aria-label={spokenName(citation, name)}
          aria-haspopup="dialog"
          aria-current={open ? "true" : undefined}
          onClick={() => onCite(citation)}
        >
          <span className="citation-number">{citation.id}</span>{" "}
          {citation.warnings.length > 0 && (
            <span className="citation-unsure" aria-hidden="true">
              !
            </span>
          )}
          {name.shown !== "" && <span className="citation-name">{name.shown}</span>}
        </button>
      </Focusable>
      <Tooltip className="source-tooltip" placement="top" offset={6}>
        <OverlayArrow className="source-tooltip-arrow">
          <svg width="12" height="6" viewBox="0 0 12 6" aria-hidden="true">
            <path d="M0 0 L6 6 L12 0" />
          </svg>
        </OverlayArrow>
        <SourceCard citation={citation} support={support} />
      </Tooltip>
    </TooltipTrigger>
  );
}
