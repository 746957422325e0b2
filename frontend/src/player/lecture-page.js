// A lecture's page for learners: playing, counting and saving, bound to the element that the template describes.
import { LeaseApi } from "./lease-api.js";
import { PlayedTime } from "./played-time.js";
import { QueueStore, openShelf } from "./queue-store.js";
import { resumeAt } from "./spans.js";
import { VideoElement } from "./video-element.js";
import { WatchSession } from "./watch-session.js";
import { WatchView, clock, fill } from "./watch-view.js";

const RELOAD_SECONDS = [1, 4, 10, 30];
const SAME_PLACE_MS = 500;
const EXACTLY_MS = 10; // a first frame or two may have been shown before the lease was asked for
const STALLED_MS = 10_000;

async function readToken() {
  const response = await fetch(window.location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  if (response.status >= 500) throw new Error(`status ${response.status}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return page.getElementById("player")?.dataset.csrf ?? null;
}

// Other pages of this browser hear at once that a lease was opened here; pages elsewhere learn it from their next beat.
function announceOpening(onOther) {
  if (!("BroadcastChannel" in window)) return () => {};
  const channel = new BroadcastChannel("lms-watch");
  channel.addEventListener("message", onOther);
  return () => channel.postMessage("opened");
}

export function bindLecturePage(element) {
  const texts = element.dataset;
  const durationMs = Number(texts.durationMs);
  const lecture = {
    lectureId: texts.lectureId,
    enrolmentId: texts.enrolmentId,
    watched: JSON.parse(texts.watched),
    completed: texts.completed === "true",
    threshold: Number(texts.threshold) / 100,
  };
  const video = new VideoElement(element);
  const played = new PlayedTime();
  let moved = false; // the learner chose a place; before that the server's word on where to go on holds
  let aimedAt = 0;
  let playSoon = false;
  let reloads = 0;
  let lastTimeMs = 0;
  let movedOnAt = performance.now();

  const goTo = (positionMs, watched) => {
    aimedAt = resumeAt(positionMs, watched, durationMs, lecture.completed);
    view.position(aimedAt);
    if (Math.abs(video.timeMs - aimedAt) > EXACTLY_MS) video.seek(aimedAt);
  };

  const view = new WatchView(document.querySelector("[data-watch]"), {
    texts,
    durationMs,
    seek: (ms) => {
      moved = true;
      video.seek(ms);
      start();
    },
  });

  const saved = (positionMs) => {
    const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour12: false });
    view.line("saved", fill(texts.textSaved, { position: clock(positionMs), time }));
  };

  const stop = (text) => {
    playSoon = false;
    video.pause();
    view.show("stopped", text);
    view.line("idle", texts.textIdle);
  };

  const standing = (answer) => {
    if (answer.watched) view.watched(answer.watched);
    if (answer.course_completed) view.show("complete", texts.textCourseDone);
    else if (answer.completed && !lecture.completed) view.show("complete", texts.textLectureDone);
    lecture.completed ||= answer.completed === true;
  };

  const api = new LeaseApi({ fetch: (...request) => fetch(...request), sendBeacon: (...message) => navigator.sendBeacon(...message), readToken, csrf: texts.csrf });
  const session = new WatchSession({
    api,
    store: new QueueStore(openShelf(window.indexedDB)),
    lecture,
    take: () => played.take(),
    look: () => ({ positionMs: video.timeMs, rate: video.rate, visible: !document.hidden, playing: video.playing }),
    listener: {
      opened(lease) {
        view.hide("stopped", "sign-in");
        view.watched(lease.watched);
        view.line("idle", texts.textRunning);
        if (!moved) goTo(lease.position_ms, lease.watched);
        tellOthers();
      },
      credited(answer, queue) {
        standing(answer);
        saved(queue.positionMs);
        // The network is back and the player has not noticed.
        if (video.playing && performance.now() - movedOnAt > STALLED_MS) reload();
      },
      recovered(answer, queue) {
        standing(answer);
        if (!moved && !session.live) goTo(queue.positionMs, answer.watched ?? lecture.watched);
        if (answer.accepted_ms > 0) saved(queue.positionMs);
      },
      failing: () => view.line("failing", texts.textFailing),
      over(answer, queue, wasPlaying) {
        standing(answer);
        moved = false;
        if (wasPlaying || answer.lease_state === "superseded" || answer.lease_state === "revoked") stop(answer.detail);
        else view.line("idle", texts.textIdle);
      },
      signIn() {
        view.show("sign-in");
        document.dispatchEvent(new CustomEvent("session:lost"));
      },
      refused: (detail) => stop(detail),
      unreachable: () => view.line("failing", texts.textUnreachable),
    },
  });

  const tellOthers = announceOpening(() => session.hurry());

  // Plays once a lease lives: the budget of credit begins before the first frame.
  async function start() {
    if (session.live) {
      video.play();
      return;
    }
    video.pause();
    playSoon = true;
    if ((await session.open()) && playSoon) video.play();
    playSoon = false;
  }

  const reload = () => {
    movedOnAt = performance.now();
    const goOn = session.live && video.playing;
    played.cut();
    video.reload(lastTimeMs || aimedAt || 0);
    if (goOn) video.play();
  };

  const read = () => {
    if (video.playing && !video.seeking) played.read(video.timeMs, performance.now(), video.rate);
  };

  video.on("play", () => {
    if (!session.live) {
      start();
      return;
    }
    session.goOn();
    read(); // a run begins exactly where the media stood still
  });
  video.on("playing", read);
  video.on("timeupdate", () => {
    view.position(video.timeMs);
    if (video.timeMs !== lastTimeMs) {
      lastTimeMs = video.timeMs;
      movedOnAt = performance.now();
      if (video.playing) reloads = 0;
    }
    if (session.live) {
      read();
      session.collect();
    } else if (video.playing) {
      start();
    }
  });
  video.on("seeking", () => {
    played.cut();
    if (Math.abs(video.timeMs - aimedAt) > SAME_PLACE_MS) moved = true;
    aimedAt = NaN;
  });
  video.on("seeked", () => {
    read();
    if (session.pending) session.beat();
  });
  video.on("ratechange", read);
  video.on("pause", () => {
    if (!session.live) return;
    if (!video.seeking) played.read(video.timeMs, performance.now(), video.rate);
    played.cut();
    session.beat();
  });
  video.on("ended", () => {
    played.cut();
    session.beat({ final: true });
  });
  video.on("error", () => {
    const seconds = RELOAD_SECONDS[Math.min(reloads, RELOAD_SECONDS.length - 1)];
    reloads += 1;
    played.cut();
    view.line("failing", texts.textMediaError);
    setTimeout(async () => {
      // Either renews the grant for the video.
      if (session.live) await session.beat();
      else await readToken().catch(() => null);
      reload();
    }, seconds * 1000);
  });

  document.querySelector("[data-watch-continue]").addEventListener("click", start);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) session.beat({ keepalive: true });
    else session.hurry();
  });
  window.addEventListener("pagehide", (event) => session.farewell({ gone: !event.persisted }));
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) session.hurry();
  });
  window.addEventListener("online", () => session.hurry());
  document.addEventListener("session:token", (event) => {
    api.csrf = event.detail;
  });
  document.addEventListener("session:back", () => {
    view.hide("sign-in");
    start();
  });

  goTo(Number(texts.positionMs), lecture.watched);
  session.flushKept();
}
