import { createContext, useContext, useEffect, useReducer, useRef, useState } from "react";
import type { Api } from "../client/api";
import { Problem } from "../client/problem";
import type { Chosen, JobLimits, Wishes } from "../client/types";
import { words } from "../strings";
import { inBatches, NOTHING, type Selection, totalBytes, USUAL_LIMITS, withFiles } from "./chosen";

/** Of what is being sent: bytes gone out of all, since when (ms of `performance.now`), and whether the line is down. */
export interface Sending {
  sent: number;
  total: number;
  since: number;
  waiting: boolean;
}

export interface UploadState extends Selection {
  sending: Sending | null;
  problem: Problem | null;
  /** Grows when a job was handed in, or may have been. */
  handedIn: number;
  add: (found: Promise<Chosen[]> | Chosen[]) => Promise<void>;
  remove: (one: Chosen) => void;
  /** Takes the place of all that was chosen. */
  only: (one: Chosen[]) => void;
  clear: () => void;
  /** False: not all was handed in. */
  send: (wishes: Wishes) => Promise<boolean>;
  stop: () => void;
}

/** What is handed in together, and the key under which it stays one job however often it is sent. */
interface Batch {
  files: Chosen[];
  key: string;
}

interface Plan {
  wishes: string;
  chosen: Chosen[];
  batches: Batch[];
}

const PAUSES_MS = [1000, 4000, 10_000];

export const UploadContext = createContext<UploadState | null>(null);

export function useUploadState(): UploadState {
  const state = useContext(UploadContext);
  if (state === null) throw new Error("useUploadState outside of the workspace");
  return state;
}

/** The files that are chosen and sent. It outlives the documents view, so that one can ask meanwhile. */
export function useUpload(api: Api): UploadState {
  const [selection, setSelection] = useState(NOTHING);
  const [sending, setSending] = useState<Sending | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [handedIn, countHandedIn] = useReducer((count: number) => count + 1, 0);
  const limits = useRef<JobLimits | null>(null);
  const controller = useRef<AbortController | null>(null);
  const plan = useRef<Plan | null>(null);
  useEffect(() => () => controller.current?.abort(), []);
  useAskBeforeLeaving(sending !== null);

  async function known(): Promise<JobLimits> {
    const found = limits.current ?? (await api.jobs(1)).limits;
    limits.current = found;
    return found;
  }

  async function add(found: Promise<Chosen[]> | Chosen[]) {
    setProblem(null);
    const limit = await known().catch(() => USUAL_LIMITS);
    try {
      const files = await found;
      setSelection((before) => withFiles(before, files, limit));
    } catch {
      setProblem(UNREADABLE);
    }
  }

  function drop(gone: Chosen[]) {
    setSelection((before) => {
      const chosen = before.chosen.filter((one) => !gone.includes(one));
      return { chosen, leftOut: chosen.length === 0 ? [] : before.leftOut };
    });
  }

  async function send(wishes: Wishes) {
    const own = new AbortController();
    controller.current = own;
    setProblem(null);
    const made = planned(plan.current, selection.chosen, wishes, await known().catch(() => USUAL_LIMITS));
    plan.current = made;
    const total = totalBytes(made.chosen);
    const since = performance.now();
    let before = 0;
    const show = (sent: number, waiting: boolean) => setSending({ sent: Math.min(before + sent, total), total, since, waiting });
    show(0, false);
    try {
      for (let batch = made.batches[0]; batch !== undefined; batch = made.batches[0]) {
        await insistently(api, batch, wishes, own.signal, show);
        made.batches.shift();
        before += totalBytes(batch.files);
        made.chosen = made.chosen.slice(batch.files.length);
        drop(batch.files);
        countHandedIn();
      }
      return true;
    } catch (error) {
      if (error instanceof Problem && error.status >= 400 && error.status < 500) plan.current = null;
      if (!own.signal.aborted) setProblem(await explained(error, made.batches[0]?.files ?? []));
      return false;
    } finally {
      setSending(null);
      countHandedIn(); // where no answer came, it may have arrived
    }
  }

  return {
    ...selection,
    sending,
    problem,
    handedIn,
    add,
    remove: (one) => drop([one]),
    only: (chosen) => setSelection({ chosen, leftOut: [] }),
    clear: () => setSelection(NOTHING),
    send,
    stop: () => controller.current?.abort(),
  };
}

/** As it was planned before where that was the same, so that what has arrived already is not handed in again. */
export function planned(before: Plan | null, chosen: Chosen[], wishes: Wishes, limits: JobLimits): Plan {
  const wanted = JSON.stringify(wishes);
  if (before !== null && before.wishes === wanted && sameFiles(before.chosen, chosen)) return before;
  return { wishes: wanted, chosen, batches: inBatches(chosen, limits).map((files) => ({ files, key: newKey() })) };
}

function sameFiles(some: Chosen[], others: Chosen[]): boolean {
  return some.length === others.length && some.every((one, at) => one === others[at]);
}

/** Again under the same key while no answer comes, with pauses. */
async function insistently(
  api: Api,
  { files, key }: Batch,
  wishes: Wishes,
  signal: AbortSignal,
  show: (sent: number, waiting: boolean) => void,
): Promise<void> {
  for (const pause of [...PAUSES_MS, null]) {
    try {
      await api.handIn(files, wishes, key, { signal, onSent: (bytes) => show(bytes, false) });
      return;
    } catch (error) {
      if (!(error instanceof TypeError) || pause === null || (await changedFile(files)) !== null) throw error;
      show(0, true);
      await rest(pause, signal);
    }
  }
}

/** A browser sends no file that was changed after it was chosen, and says only that the request failed. */
async function explained(error: unknown, files: Chosen[]): Promise<Problem> {
  const path = error instanceof TypeError ? await changedFile(files) : null;
  if (path === null) return Problem.from(error);
  return new Problem(
    words.documents.upload.changed,
    words.documents.upload.changedWhat(path),
    "file_changed",
  );
}

async function changedFile(files: Chosen[]): Promise<string | null> {
  for (const { file, path } of files) {
    try {
      await file.slice(0, 1).arrayBuffer();
    } catch {
      return path;
    }
  }
  return null;
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stopped = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stopped);
      resolve();
    }, ms);
    signal.addEventListener("abort", stopped, { once: true });
  });
}

/** `crypto.randomUUID` is there over HTTPS only. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function useAskBeforeLeaving(sending: boolean) {
  useEffect(() => {
    if (!sending) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [sending]);
}

const UNREADABLE = new Problem(
  words.documents.upload.unreadable,
  words.documents.upload.unreadableWhat,
  "drop_unreadable",
);
