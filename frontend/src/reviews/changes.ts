import type { Changed } from "../client/reviews";
import { words } from "../strings";

const said = words.reviews;

/** What has become of the versions that an answer rests on, a line for each. */
export function changedLines(changed: Changed[]): string[] {
  return changed.map((one) => {
    const what = one.change;
    const told = said.changeWords;
    const change = what === "superseded" ? told.superseded(one.by) : what === "wrong" ? told.wrong(one.reason) : told[what];
    const stands = one.stands == null ? "" : said.stands(one.stands);
    return [said.changedLine(one.title, one.version, change), stands].filter(Boolean).join(" ");
  });
}
