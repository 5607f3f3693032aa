/**
 * Names for the types of the HTTP API. The types are generated from OpenAPI (`npm run client`); a response
 * always carries every field, also those that have a default. Offsets count Unicode code points, not UTF-16 units.
 */

import type { components, operations } from "./schema";

type Schemas = components["schemas"];

export type Full<T> = T extends (infer Item)[]
  ? Full<Item>[]
  : T extends object
    ? string extends keyof T
      ? { [Key in keyof T]: Full<T[Key]> }
      : { [Key in keyof T]-?: Full<Exclude<T[Key], undefined>> }
    : T;

export type ProblemBody = Omit<Schemas["Problem"], "type"> & { type?: string };
export type Person = Schemas["Person"];
export type Me = Schemas["Me"];
export type Session = Full<Schemas["SessionInfo"]>;
export type QueryRequest = Schemas["QueryRequest"];
export type Strictness = Schemas["Strictness"];
/** An API key, or a sample person's user. */
export type SignIn = { key: string } | { user: string };
export type Box = Schemas["Box"];
export type Citation = Omit<Full<Schemas["Citation"]>, "content_sha256">;
export type Note = Schemas["Note"];
export type FileWarning = Full<Schemas["FileWarning"]>;
export type WarningKind = Schemas["WarningKind"];
export type Coverage = Full<Schemas["Coverage"]>;
export type Caution = Schemas["Caution"];
export type LeftAside = Schemas["LeftAside"];
export type Why = Schemas["Why"];
export type Assumed = Full<Schemas["Assumed"]>;
export type Searched = Full<Schemas["Searched"]>;
export type Sentence = Full<Schemas["Sentence"]>;
export type ModelCard = Schemas["ModelCard"];
export type Answer = Omit<Full<Schemas["Answer"]>, "citations" | "abstention"> & { citations: Citation[]; abstention: Abstention | null };
export type Abstention = Omit<Full<Schemas["Abstention"]>, "nearest"> & { nearest: Citation[] };
export type DocumentVersion = Schemas["VersionOut"];
export type DocumentSummary = Full<Schemas["DocumentOut"]>;
export type DocumentList = Full<Schemas["DocumentList"]>;
export type DocumentSort = NonNullable<NonNullable<operations["list_documents_v1_documents_get"]["parameters"]["query"]>["sort"]>;
export type FactKind = Schemas["FactKind"];
export type Fact = Full<Schemas["KnownFact"]>;
export type DocumentFacts = Omit<Full<Schemas["FactsOut"]>, "facts"> & { facts: Fact[] };
export type NewFact = Full<Schemas["FactIn"]>;
/** How a text is cut for search. */
export type Chunking = NonNullable<Schemas["Body_upload_v1_documents_post"]["chunking"]>;
export type Uploaded = Full<Schemas["UploadOut"]>;

export type Job = Full<Schemas["JobOut"]>;
export type JobStatus = Schemas["JobState"];
export type JobFile = Full<Schemas["JobFileOut"]>;
export type JobDetail = Full<Schemas["JobDetail"]>;
export type JobList = Full<Schemas["JobList"]>;
/** How much is handed in at once at most. */
export type JobLimits = Schemas["JobLimits"];

export type FileStatus = Schemas["FileState"];

/** A file to hand in, named with the folders that it lay in. */
export interface Chosen {
  file: File;
  path: string;
}

/**
 * How the files of a job are taken. `allow`: who may read them, `group:NAME` or `user:NAME`; `date`: the day from which
 * they hold; `chunking`; `language`: of the words (BCP 47). "": as usual.
 */
export interface Wishes {
  allow: string[];
  date: string;
  chunking: Chunking | "";
  language: string;
}

export type Evaluation = Full<Schemas["EvaluationOut"]>;
export type EvaluationList = Full<Schemas["EvaluationList"]>;
export type EvaluationReport = Full<Schemas["EvaluationReport"]>;
/** Of a suite, or of one case. */
export type Figure = Full<Schemas["FigureOut"]>;
export type Slice = Full<Schemas["SliceOut"]>;
export type CaseResult = Full<Schemas["CaseResultOut"]>;
export type CaseResultList = Full<Schemas["CaseResultList"]>;
export type CaseOutcome = "right" | "wrong" | "error";
export type KeptAnswer = Omit<Full<Schemas["KeptOut"]>, "answer"> & { answer: Answer };
export type CaseSide = Omit<Full<Schemas["SideOut"]>, "answer"> & { answer: KeptAnswer | null };
export type CaseSides = { now: CaseSide; then: CaseSide | null; same: boolean };
export type Gate = Full<Schemas["GateOut"]>;
export type Decision = Full<Schemas["DecisionOut"]>;
export type ReleaseList = Full<Schemas["ReleaseList"]>;
export type ReleaseDetail = Full<Schemas["ReleaseDetail"]>;
export type ReleaseEvent = Full<Schemas["ReleaseEventOut"]>;

/** What `GET /v1/jobs/{id}/events` streams; `place` is where a reader that lost its connection goes on. */
export type JobEvent = { type: "job"; place: string; job: Job } | { type: "file"; place: string; file: JobFile };

export type Stage = "waiting" | "searching" | "writing";
export type FollowUp = Full<Schemas["FollowUp"]>;
/** What has become since of a version that an answer rests on. */
export type Changed = Full<Schemas["Changed"]>;

/**
 * What `POST /v1/query` streams: the event's name as `type`, beside the fields of its data. `question`: what is searched,
 * where it is not what was typed; `running`: by what an answer that goes on without its reader is joined again.
 */
export type AnswerEvent =
  | { type: "status"; seq: number; stage: Stage; place: number; question?: string; running?: string }
  | ({ type: "retrieval"; seq: number } & Schemas["RetrievalEvent"])
  | { type: "citation"; seq: number; citation: Citation }
  | { type: "sentence"; seq: number; sentence: Sentence }
  | { type: "final"; seq: number; answer: Answer }
  | { type: "error"; seq: number; problem: ProblemBody }
  | { type: "heartbeat"; seq: number }
  | { type: "done"; seq: number };
