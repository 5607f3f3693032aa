import { readAnswer } from "./answerStream";
import { Problem } from "./problem";
import type {
  AnswerEvent,
  Chunking,
  DocumentFacts,
  DocumentList,
  DocumentSort,
  DocumentText,
  FactKind,
  NewFact,
  NewSession,
  PageAsked,
  PageLink,
  Session,
  Uploaded,
} from "./types";

const PICTURE_WIDTH = 1400; // of a page, in pixels: sharp on a screen of twice the panel's

/** The one way to the server: every call is same-origin, carries the token, and fails with a `Problem`. */
export class Api {
  /** `onUnauthorized` is called once a request that carried the token is refused with 401. */
  constructor(
    private readonly token: string | null,
    private readonly onUnauthorized: () => void = () => undefined,
  ) {}

  async session(): Promise<Session> {
    return this.json("/v1/session");
  }

  async signIn(user: string): Promise<NewSession> {
    return this.json("/v1/session", jsonBody({ user }));
  }

  async *ask(question: string, signal: AbortSignal): AsyncGenerator<AnswerEvent> {
    const response = await this.send("/v1/query", { ...jsonBody({ question, stream: true }), signal });
    if (response.body === null) throw new Problem("The answer is empty", "Ask again.", "stream_cut");
    yield* readAnswer(response.body);
  }

  /** A page of the list; `after`: the `next` of the page before, or "". */
  async documents(asked: { q: string; sort: DocumentSort; order: string; limit: number; after: string }): Promise<DocumentList> {
    const { q, sort, order, limit, after } = asked;
    const query = new URLSearchParams({ sort, order, limit: String(limit) });
    if (q !== "") query.set("q", q);
    if (after !== "") query.set("after", after);
    return this.json(`/v1/documents?${query}`);
  }

  /** An address of a page's picture that needs no token. */
  async pageLink(id: string, page: PageAsked): Promise<PageLink> {
    return this.json(`/v1/documents/${encodeURIComponent(id)}/links`, jsonBody({ ...page, width: PICTURE_WIDTH }));
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
    const headers = new Headers(init.headers);
    if (this.token !== null) headers.set("Authorization", `Bearer ${this.token}`);
    const response = await fetch(path, { ...init, headers, credentials: "omit", cache: "no-store" });
    if (response.ok) return response;
    if (response.status === 401 && this.token !== null) this.onUnauthorized();
    throw await Problem.fromResponse(response);
  }
}

function factsOf(id: string): string {
  return `/v1/documents/${encodeURIComponent(id)}/facts`;
}

function jsonBody(value: object): RequestInit {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) };
}
