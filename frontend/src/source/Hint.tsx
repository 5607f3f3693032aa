import type { ReactElement } from "react";
import { Focusable, Tooltip, TooltipTrigger } from "react-aria-components";
import "../styles/overlays.css";

/** Words that are shown while a button has the pointer or the focus. */
export function Hint({ text, children }: { text: string; children: ReactElement<{ [name: string]: unknown }, string> }) {
  return (
    <TooltipTrigger delay={400} closeDelay={100}>
      <Focusable>{children}</Focusable>
      <Tooltip className="tooltip" placement="top">
        {text}
      </Tooltip>
    </TooltipTrigger>
  );
}
