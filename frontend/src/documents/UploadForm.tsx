import { type FormEvent, useRef, useState } from "react";
import type { Api } from "../client/api";
import { Problem } from "../client/problem";
import type { Chunking, Me, Uploaded } from "../client/types";
import { ProblemNotice } from "../ui/ProblemNotice";
import { Warnings } from "../ui/Warnings";
import { LANGUAGES, languageName, nameOf } from "./language";
import { coverageLine, warningLines } from "./reading";
import { CHUNKINGS } from "./words";

/** Adds one file under one access label of the uploader; who may read it is a choice that must be made. */
export function UploadForm({ api, me, onUploaded }: { api: Api; me: Me; onUploaded: () => Promise<void> }) {
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File | null>(null);
  const [allow, setAllow] = useState("");
  const [chunking, setChunking] = useState<Chunking | "">("");
  const [language, setLanguage] = useState("");
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Uploaded | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function upload(event: FormEvent) {
    event.preventDefault();
    if (file === null || allow === "") return;
    setBusy(true);
    setOutcome(null);
    setProblem(null);
    try {
      setOutcome(await api.upload(file, allow, chunking, language));
      setFile(null);
      setLanguage(""); // it was said of that file
      if (input.current !== null) input.current.value = "";
      await onUploaded();
    } catch (error) {
      setProblem(Problem.from(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form className="upload" aria-label="Add a document" onSubmit={upload}>
      <div className="field">
        <label htmlFor="upload-file">File</label>
        <input
          ref={input}
          id="upload-file"
          type="file"
          onChange={(event) => setFile(event.target.files?.[0] ?? null)}
        />
      </div>
      <div className="field">
        <label htmlFor="upload-allow">Who may read it</label>
        <select id="upload-allow" value={allow} onChange={(event) => setAllow(event.target.value)}>
          <option value="">Choose…</option>
          {me.groups.map((group) => (
            <option key={group} value={`group:${group}`}>
              Group {group}
            </option>
          ))}
          <option value={`user:${me.user}`}>Only me</option>
        </select>
      </div>
      <div className="field">
        <label htmlFor="upload-chunking">Passages</label>
        <select
          id="upload-chunking"
          value={chunking}
          onChange={(event) => setChunking(event.target.value as Chunking | "")}
        >
          <option value="">As usual</option>
          {Object.entries(CHUNKINGS).map(([kind, words]) => (
            <option key={kind} value={kind}>
              {words}
            </option>
          ))}
        </select>
      </div>
      <div className="field">
        <label htmlFor="upload-language">Language</label>
        <select id="upload-language" value={language} onChange={(event) => setLanguage(event.target.value)}>
          <option value="">Told from its words</option>
          {LANGUAGES.map((code) => (
            <option key={code} value={code}>
              {nameOf(code)}
            </option>
          ))}
        </select>
      </div>
      <button type="submit" className="primary" disabled={busy || file === null || allow === ""}>
        {busy ? "Uploading…" : "Upload"}
      </button>
      <div className="upload-result" role="status">
        {outcome !== null && <p className="notice">{describe(outcome)}</p>}
        {outcome !== null && <Warnings title="This file needs a look" lines={uploadWarnings(outcome)} />}
      </div>
      {problem !== null && <ProblemNotice problem={problem} />}
    </form>
  );
}

function describe({ source, outcome, version, pages, coverage, chunks, language, children }: Uploaded): string {
  const inner = children.length === 0 ? "" : `${children.length} ${children.length === 1 ? "file" : "files"} in it`;
  const parts = [
    `version ${version}`,
    coverageLine(coverage, pages),
    languageName(language),
    `${chunks} ${chunks === 1 ? "passage" : "passages"}`,
    inner,
  ];
  return `${source}: ${outcome.replaceAll("_", " ")} (${parts.filter(Boolean).join(", ")}).`;
}

/** What is unsure in a file and in the files in it, and which of those could not be stored. */
function uploadWarnings({ warnings, children }: Uploaded): string[] {
  const inner = children.flatMap((child) => {
    const failed = child.outcome === "failed" ? [child.reason] : [];
    const name = child.source.split("/").at(-1);
    return [...failed, ...uploadWarnings(child)].map((line) => `${name}: ${line}`);
  });
  return [...warningLines(warnings), ...inner];
}
