import type { Chosen, JobLimits } from "../client/types";
import { words } from "../strings";
import { formatBytes } from "../ui/format";

/** What an installation takes unless it is set otherwise. */
export const USUAL_LIMITS: JobLimits = { files: 1000, bytes: 2 ** 30, file_bytes: 64 * 2 ** 20 };

/** Files to hand in, by path, and why others are left out. */
export interface Selection {
  chosen: Chosen[];
  leftOut: string[];
}

export const NOTHING: Selection = { chosen: [], leftOut: [] };

/** With more files; one of the same path takes the place of the one before. */
export function withFiles(before: Selection, found: Chosen[], limits: JobLimits): Selection {
  const chosen = new Map(before.chosen.map((one) => [one.path, one]));
  const leftOut = new Set(before.leftOut);
  for (const one of found) {
    if (isHidden(one.path)) leftOut.add(words.documents.upload.hidden(one.path));
    else if (one.file.size === 0) leftOut.add(words.documents.upload.empty(one.path));
    else if (one.file.size > limits.file_bytes) {
      leftOut.add(words.documents.upload.tooLarge(one.path, formatBytes(one.file.size), formatBytes(limits.file_bytes)));
    } else chosen.set(one.path, one);
  }
  return { chosen: [...chosen.values()], leftOut: [...leftOut] };
}

export function totalBytes(files: Chosen[]): number {
  return files.reduce((sum, { file }) => sum + file.size, 0);
}

/** In their order, as few jobs as the limits allow. */
export function inBatches(files: Chosen[], limits: JobLimits): Chosen[][] {
  const batches: Chosen[][] = [];
  let room = 0;
  for (const one of files) {
    const size = one.file.size + PART_BYTES + 3 * one.path.length;
    const last = batches.at(-1);
    if (last === undefined || last.length >= limits.files || size > room) {
      batches.push([one]);
      room = limits.bytes - size;
    } else {
      last.push(one);
      room -= size;
    }
  }
  return batches;
}

/** How much longer a form is for a file in it, besides the file and its name. */
const PART_BYTES = 256;

/** Names that no one means: what lies in a folder for the system's or an editor's own use. */
function isHidden(path: string): boolean {
  const steps = path.split("/");
  return steps.some((step) => /^(\.|__MACOSX$)/.test(step)) || /^(~\$|thumbs\.db$|desktop\.ini$)/i.test(steps.at(-1) ?? "");
}

/** "12 files, 34.1 MB" */
export function sizeLine(files: Chosen[]): string {
  return `${countFiles(files.length)}, ${formatBytes(totalBytes(files))}`;
}

export function countFiles(count: number): string {
  return words.documents.upload.files(count);
}
