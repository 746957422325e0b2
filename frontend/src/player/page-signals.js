// What happens to the page around the video: it is hidden, left, found again, back on the network, signed in again.

// `away` is called when the page is hidden, before what was played is sent; `back` when somebody has signed in again.
export function bindPageSignals({ session, api, away, back }) {
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      away();
      session.beat({ keepalive: true });
    } else {
      session.hurry();
    }
  });
  window.addEventListener("pagehide", (event) => session.farewell({ gone: !event.persisted }));
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) session.hurry();
  });
  window.addEventListener("online", () => session.hurry());
  document.addEventListener("session:token", (event) => {
    api.csrf = event.detail;
  });
  document.addEventListener("session:back", back);
}

// Other pages of this browser hear at once that a lease was opened here; pages elsewhere learn it from their next beat.
export function announceOpening(onOther) {
  if (!("BroadcastChannel" in window)) return () => {};
  const channel = new BroadcastChannel("lms-watch");
  channel.addEventListener("message", onOther);
  return () => channel.postMessage("opened");
}
