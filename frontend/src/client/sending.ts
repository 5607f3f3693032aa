/** `fetch`, as far as `Api` uses it. */
export type Sends = (path: string, init: RequestInit) => Promise<Response>;

/**
 * Sends like `fetch` and tells how many bytes of the body have gone out: `fetch` itself cannot tell over HTTP/1.1.
 * Fails as `fetch` does: `TypeError` where no answer came, `AbortError` where it was stopped.
 */
export function sendingWith(onSent: (bytes: number) => void): Sends {
  return (path, { method = "GET", headers, body = null, signal }) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const failed = () =>
        reject(signal?.aborted ? new DOMException("Stopped", "AbortError") : new TypeError("No answer came"));
      if (signal?.aborted) return failed();
      signal?.addEventListener("abort", () => request.abort(), { once: true });
      request.open(method, path);
      new Headers(headers).forEach((value, name) => request.setRequestHeader(name, value));
      request.upload.onprogress = ({ loaded }) => onSent(loaded);
      request.onload = () => resolve(answerOf(request));
      request.onerror = failed;
      request.onabort = failed;
      request.send(body as XMLHttpRequestBodyInit | null);
    });
}

function answerOf(request: XMLHttpRequest): Response {
  const type = request.getResponseHeader("content-type") ?? "";
  return new Response(request.responseText, { status: request.status, headers: { "content-type": type } });
}
