import type { ProblemBody } from "./types";

/** A failure that can be shown as it is: what is wrong (title) and what to do (detail). */
export class Problem extends Error {
  constructor(
    readonly title: string,
    readonly detail: string,
    readonly code: string,
    readonly status = 0,
  ) {
    super(title);
  }

  static fromBody(body: ProblemBody): Problem {
    return new Problem(body.title, body.detail, body.code, body.status);
  }

  /** The problem that an error response carries; a plain one where the body is no problem+json. */
  static async fromResponse(response: Response): Promise<Problem> {
    const type = response.headers.get("content-type") ?? "";
    const body: unknown = type.includes("json") ? await response.json().catch(() => null) : null;
    if (body !== null && typeof body === "object" && "title" in body) {
      const { title, detail = "", code = "" } = body as Partial<ProblemBody>;
      return new Problem(String(title), String(detail), String(code), response.status);
    }
    return new Problem(
      `The server answered with an error (${response.status})`,
      "Try again in a moment. If it stays, tell your administrator.",
      "http_error",
      response.status,
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
