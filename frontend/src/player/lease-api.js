// Speaks to /api/v1: opens leases, sends beats and answers. Every answer becomes one of a few plain outcomes; nothing here throws.

const TIMEOUT_MS = 10_000;
const LEASE = (leaseId, what) => `/api/v1/leases/${leaseId}/${what}`;

// An answer that broke off says nothing, whatever its status was.
async function content(response) {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

function isGood({ status, body }, wanted) {
  return status === wanted && body !== null;
}

export class LeaseApi {
  #fetch;
  #sendBeacon;
  #readToken;
  #carry = {}; // of the last beat, by its lease: the next one is answered sooner with it

  // `readToken` fetches the page again and gives its CSRF token, null when that asks for a sign-in.
  constructor({ fetch, sendBeacon, readToken, csrf }) {
    this.#fetch = fetch;
    this.#sendBeacon = sendBeacon;
    this.#readToken = readToken;
    this.csrf = csrf;
  }

  // {kind: "opened", lease} | {kind: "sign-in"} | {kind: "refused", detail} | {kind: "failed"}
  async open(lectureId, enrolmentId) {
    const body = { lecture_id: lectureId, ...(enrolmentId ? { enrolment_id: enrolmentId } : {}) };
    let answer = await this.#post("/api/v1/leases", body, { "X-CSRFToken": this.csrf });
    if (answer.status === 400 && answer.body?.code === "csrf") {
      try {
        this.csrf = await this.#readToken();
      } catch {
        return { kind: "failed" };
      }
      if (this.csrf === null) return { kind: "sign-in" };
      answer = await this.#post("/api/v1/leases", body, { "X-CSRFToken": this.csrf });
    }
    if (isGood(answer, 201)) return { kind: "opened", lease: answer.body };
    if (answer.status === 401) return { kind: "sign-in" };
    if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) return { kind: "refused", detail: answer.body?.detail ?? "" };
    return { kind: "failed" };
  }

  // Whether the lease's own playlist came; only then the lease credits anything.
  async fetchPlaylist(url) {
    return (await this.#ask(url, { method: "GET", cache: "no-store" })).status === 200;
  }

  // {kind: "credited" | "over", answer} | {kind: "failed"}
  async beat(leaseId, body, { keepalive = false } = {}) {
    const answer = await this.#post(LEASE(leaseId, "beats"), this.#carrying(leaseId, body), {}, keepalive);
    this.#carry = { [leaseId]: answer.body?.carry };
    return this.#outcome(answer, "credited");
  }

  // {kind: "answered" | "over", answer} | {kind: "failed"}
  async presence(leaseId, body) {
    return this.#outcome(await this.#post(LEASE(leaseId, "presence"), body, {}), "answered");
  }

  // For a page that goes away: no answer can be waited for.
  farewell(leaseId, body) {
    const told = this.#carrying(leaseId, body);
    const blob = new Blob([JSON.stringify(told)], { type: "application/json" });
    try {
      if (this.#sendBeacon(LEASE(leaseId, "beats"), blob)) return;
    } catch {
      // Some browsers refuse types other than text here; the request below does the same.
    }
    this.#post(LEASE(leaseId, "beats"), told, {}, true);
  }

  #carrying(leaseId, body) {
    const carry = this.#carry[leaseId];
    return carry ? { ...body, carry } : body;
  }

  #outcome(answer, good) {
    if (isGood(answer, 200)) return { kind: good, answer: answer.body };
    const over = answer.status >= 400 && answer.status < 500 && answer.status !== 408 && answer.status !== 429;
    return over ? { kind: "over", answer: answer.body ?? {} } : { kind: "failed" };
  }

  #post(url, body, headers, keepalive = false) {
    return this.#ask(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", ...headers },
      body: JSON.stringify(body),
      keepalive,
    });
  }

  // {status, body}; status 0 when nothing came back, body null when it is no JSON.
  async #ask(url, request) {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), TIMEOUT_MS);
    try {
      const response = await this.#fetch(url, { ...request, credentials: "same-origin", signal: patience.signal });
      return { status: response.status, body: await content(response) };
    } catch {
      return { status: 0, body: null };
    } finally {
      clearTimeout(timer);
    }
  }
}
