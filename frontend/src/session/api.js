// Asks the server about the sign-in of this browser. Nothing here throws; null means that it can't be reached.

const ADDRESS = "/api/v1/session";
const TIMEOUT_MS = 10_000;

const token = () => document.querySelector("input[name=csrf_token]")?.value ?? "";

async function call(method, address, body, more = {}) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), TIMEOUT_MS);
  try {
    const headers = { Accept: "application/json", ...(body ? { "Content-Type": "application/json" } : {}), ...more };
    const answer = await fetch(address, {
      method,
      headers,
      body: body && JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      signal: patience.signal,
    });
    if (answer.status >= 500) return null;
    const text = await answer.text();
    return { status: answer.status, body: text ? JSON.parse(text) : {} };
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

export const api = {
  // {signed_in, seconds_left, csrf_token, user}; asking is no act and keeps no sign-in alive.
  async state() {
    const answer = await call("GET", ADDRESS);
    return answer?.status === 200 ? answer.body : null;
  },
  // Whether the server noted that somebody is here; null when it can't be reached.
  async act() {
    const answer = await call("POST", `${ADDRESS}/activity`, undefined, { "X-CSRFToken": token() });
    return answer && answer.status === 204;
  },
  // {kind: "in", token, user} | {kind: "code"} | {kind: "refused", detail} | {kind: "failed"}
  async signIn(username, password, code) {
    const answer = await call("POST", ADDRESS, { username, password, ...(code ? { code } : {}) });
    if (answer === null) return { kind: "failed" };
    if (answer.status === 200) return { kind: "in", token: answer.body.csrf_token, user: answer.body.user };
    if (answer.body.code === "code_needed") return { kind: "code" };
    return { kind: "refused", detail: answer.body.title ?? "" };
  },
};
