// Keeps a part of the page fresh: <div id="…" data-poll="/address" data-poll-seconds="5">. The answer may be a fragment or a whole page that holds an
// element of the same id; its children and data-poll attributes replace ours. It ends when the answer carries data-poll-done
// or no such element any more (with data-poll-reload the whole page is then loaded again), no data-poll at all, or is a refusal or a redirect.

const LONGEST_WAIT_SECONDS = 60;

function read(html, id) {
  return new DOMParser().parseFromString(html, "text/html").getElementById(id);
}

function replace(element, fresh) {
  if (element.innerHTML !== fresh.innerHTML) {
    const focusId = element.contains(document.activeElement) ? document.activeElement.id : "";
    element.replaceChildren(...fresh.childNodes);
    if (focusId) document.getElementById(focusId)?.focus();
  }
  for (const name of ["data-poll", "data-poll-seconds", "data-poll-done"]) {
    if (fresh.hasAttribute(name)) element.setAttribute(name, fresh.getAttribute(name));
    else element.removeAttribute(name);
  }
}

async function refresh(element) {
  const answer = await fetch(element.dataset.poll, { headers: { Accept: "text/html", "X-Background": "1" }, credentials: "same-origin", redirect: "manual" });
  if (answer.status >= 500) throw new Error(`status ${answer.status}`);
  const fresh = answer.ok ? read(await answer.text(), element.id) : null;
  if (fresh) replace(element, fresh);
  else if (answer.ok) element.dataset.pollDone = ""; // the part is gone from the page: what it waited for is there
  else element.removeAttribute("data-poll");
}

function follow(element) {
  const seconds = () => Number(element.dataset.pollSeconds) || 5;
  let wait = seconds();
  const again = () => setTimeout(turn, wait * 1000);
  async function turn() {
    if (document.hidden) {
      document.addEventListener("visibilitychange", turn, { once: true });
      return;
    }
    try {
      await refresh(element);
      wait = seconds();
    } catch {
      wait = Math.min(wait * 2, LONGEST_WAIT_SECONDS);
    }
    if (!element.isConnected || !element.dataset.poll || "pollDone" in element.dataset) {
      element.dispatchEvent(new CustomEvent("poll:done", { bubbles: true }));
      if (element.dataset.pollReload !== undefined && "pollDone" in element.dataset) window.location.reload();
      return;
    }
    again();
  }
  again();
}

export function bindPoll() {
  for (const element of document.querySelectorAll("[data-poll][id]:not([data-poll-done])")) follow(element);
}
