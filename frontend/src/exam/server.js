// Talks to the attempts API: one class of error for what the server refuses, one for when it can't be reached.

const TIMEOUT_MS = 10_000;

export class Refused extends Error {
  constructor(status, code) {
    super(`${status} ${code}`);
    this.status = status;
    this.code = code;
  }
}

export class Unreachable extends Error {}

export class Server {
  constructor(base, pageUrl, token) {
    this.base = base;
    this.pageUrl = pageUrl;
    this.token = token;
    this.line = { lost() {}, reached() {} };
  }

  // lost() at each call that can't reach the server, reached() at each that does.
  watch(line) {
    this.line = line;
  }

  open() {
    return this.#call("POST", "/openings");
  }

  show() {
    return this.#call("GET", "");
  }

  save(position, epoch, seq, value) {
    return this.#call("PUT", `/answers/${position}`, { epoch, client_seq: seq, value });
  }

  heartbeat(body) {
    return this.#call("POST", "/heartbeats", body);
  }

  submit() {
    return this.#call("POST", "/submission");
  }

  // Signing in again may bring a new token: the paper's own page carries it.
  async renewToken() {
    const answer = await this.#fetch(this.pageUrl, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("input[name=csrf_token]")?.value;
    if (token) this.token = token;
  }

  async #call(method, path, body) {
    try {
      const content = await this.#answer(method, path, body);
      this.line.reached();
      return content;
    } catch (error) {
      if (error instanceof Unreachable) this.line.lost();
      else this.line.reached();
      throw error;
    }
  }

  async #answer(method, path, body) {
    const headers = { Accept: "application/json", "X-CSRFToken": this.token };
    if (body) headers["Content-Type"] = "application/json";
    const answer = await this.#fetch(this.base + path, { method, headers, body: body && JSON.stringify(body) });
    let content;
    try {
      content = await answer.json();
    } catch {
      throw new Unreachable(`no JSON, status ${answer.status}`);
    }
    if (answer.ok) return content;
    if (answer.status >= 500 || answer.status === 429) throw new Unreachable(`status ${answer.status}`);
    throw new Refused(answer.status, content.code);
  }

  async #fetch(url, options) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
    try {
      return await fetch(url, { ...options, credentials: "same-origin", cache: "no-store", signal: abort.signal });
    } catch (error) {
      throw new Unreachable(String(error));
    } finally {
      clearTimeout(timer);
    }
  }
}
