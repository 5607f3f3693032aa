import { readAnswer } from "./answerStream";
import { Problem } from "./problem";
import type {
  AnswerEvent,
  Chunking,
  DocumentFacts,
  DocumentList,
  DocumentText,
  FactKind,
  Me,
  NewFact,
  Session,
  SignIn,
  Uploaded,
} from "./types";

/** The one way to the server: every call is same-origin, carries the cookie of the session, and fails with a `Problem`. */
export class Api {
  /** `onUnauthorized` is called when a request is refused with 401. */
  constructor(private readonly onUnauthorized: () => void = () => undefined) {}

  async session(): Promise<Session> {
    return this.json("/v1/session");
  }

  async signIn(who: SignIn): Promise<Me> {
    return this.json("/v1/session", jsonBody(who));
  }

  async signOut(): Promise<void> {
    await this.send("/v1/session", { method: "DELETE" });
  }

  async *ask(question: string, signal: AbortSignal): AsyncGenerator<AnswerEvent> {
    const response = await this.send("/v1/query", { ...jsonBody({ question, stream: true }), signal });
    if (response.body === null) throw new Problem("The answer is empty", "Ask again.", "stream_cut");
    yield* readAnswer(response.body);
  }

  async documents(): Promise<DocumentList> {
    return this.json("/v1/documents");
  }

  /** The deleted documents that the caller may restore. */
  async deletedDocuments(): Promise<DocumentList> {
    return this.json("/v1/documents?deleted=true");
  }

  async documentText(id: string, version: number): Promise<DocumentText> {
    return this.json(`/v1/documents/${encodeURIComponent(id)}/text?version=${version}`);
  }

  async facts(id: string, version: number): Promise<DocumentFacts> {
    return this.json(`${factsOf(id)}?version=${version}`);
  }

  /** Sets a fact of all versions of a document; returns those of the current one. */
  async setFact(id: string, fact: NewFact): Promise<DocumentFacts> {
    return this.json(factsOf(id), { ...jsonBody(fact), method: "PUT" });
  }

  /** Says that this is no fact of the document. */
  async removeFact(id: string, kind: FactKind, value: string): Promise<DocumentFacts> {
    return this.json(`${factsOf(id)}?${new URLSearchParams({ kind, value })}`, { method: "DELETE" });
  }

  async original(id: string, version: number): Promise<Blob> {
    return (await this.send(`/v1/documents/${encodeURIComponent(id)}/original?version=${version}`)).blob();
  }

  /**
   * Adds a file that the holders of `allow` (`group:NAME` or `user:NAME`) may read. `chunking`, "": as usual.
   * `language`: of the words (BCP 47), where it is not as it looks; else "".
   */
  async upload(file: File, allow: string, chunking: Chunking | "" = "", language = ""): Promise<Uploaded> {
    const body = new FormData();
    body.append("file", file);
    body.append("allow", allow);
    if (chunking !== "") body.append("chunking", chunking);
    if (language !== "") body.append("language", language);
    return this.json("/v1/documents", { method: "POST", body });
  }

  async remove(id: string): Promise<void> {
    await this.send(`/v1/documents/${encodeURIComponent(id)}`, { method: "DELETE" });
  }

  async restore(id: string): Promise<void> {
    await this.send(`/v1/documents/${encodeURIComponent(id)}/restore`, { method: "POST" });
  }

  private async json<T>(path: string, init?: RequestInit): Promise<T> {
    return (await (await this.send(path, init)).json()) as T;
  }

  private async send(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(path, { ...init, credentials: "same-origin", cache: "no-store" });
    if (response.ok) return response;
    if (response.status === 401) this.onUnauthorized();
    throw await Problem.fromResponse(response);
  }
}

function factsOf(id: string): string {
  return `/v1/documents/${encodeURIComponent(id)}/facts`;
}

function jsonBody(value: object): RequestInit {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) };
}
