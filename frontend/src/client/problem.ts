import type { ProblemBody } from "./types";

/** A failure that can be shown as it is: what is wrong (title) and what to do (detail). */
export class Problem extends Error {
  constructor(
    readonly title: string,
    readonly detail: string,
    readonly code: string,
    readonly status = 0,
    /** After how many seconds it may be tried again, where the server says so. */
    readonly retryAfter: number | null = null,
    /** When it came about, in ms since 1970. */
    readonly at = Date.now(),
  ) {
    super(title);
  }

  static fromBody(body: ProblemBody): Problem {
    return new Problem(body.title, body.detail, body.code, body.status, body.retry_after ?? null);
  }

  /** The problem that an error response carries; a plain one where the body is no problem+json. */
  static async fromResponse(response: Response): Promise<Problem> {
    const type = response.headers.get("content-type") ?? "";
    const wait = secondsOf(response.headers.get("retry-after"));
    const body: unknown = type.includes("json") ? await response.json().catch(() => null) : null;
    if (body !== null && typeof body === "object" && "title" in body) {
      const { title, detail = "", code = "" } = body as Partial<ProblemBody>;
      return new Problem(String(title), String(detail), String(code), response.status, wait);
    }
    return new Problem(
      `The server answered with an error (${response.status})`,
      "Try again in a moment. If it stays, tell your administrator.",
      "http_error",
      response.status,
      wait,
    );
  }

  /** Any thrown value as a problem; what `fetch` throws means that no answer came. */
  static from(error: unknown): Problem {
    if (error instanceof Problem) return error;
    if (error instanceof TypeError) {
      return new Problem("The server could not be reached", "Check the connection, then try again.", "unreachable");
    }
    return new Problem("Something went wrong on this page", "Reload the page, then try again.", "unexpected");
  }
}

/** Of a `Retry-After`: seconds, or a date (RFC 9110, 10.2.3). */
function secondsOf(header: string | null): number | null {
  if (header === null) return null;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : null;
}
