// A lecture's page for learners: playing, counting and saving, bound to the element that the template describes.
import { openShelf } from "../shelf.js";
import { FirstView } from "./first-view.js";
import { FullScreen } from "./full-screen.js";
import { LeaseApi } from "./lease-api.js";
import { MediaSignals } from "./media-signals.js";
import { announceOpening, bindPageSignals } from "./page-signals.js";
import { PlayedTime } from "./played-time.js";
import { PresenceCheck } from "./presence-check.js";
import { PresenceDialog } from "./presence-dialog.js";
import { QueueStore } from "./queue-store.js";
import { savedLine } from "./saved-line.js";
import { resumeAt } from "./spans.js";
import { VideoElement } from "./video-element.js";
import { WatchSession } from "./watch-session.js";
import { WatchView } from "./watch-view.js";
import { fill } from "./words.js";

const SAME_PLACE_MS = 500;
const EXACTLY_MS = 10; // a first frame or two may have been shown before the lease was asked for

async function readToken() {
  const response = await fetch(window.location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  if (response.status >= 500) throw new Error(`status ${response.status}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return page.getElementById("player")?.dataset.csrf ?? null;
}

function lectureOf(texts) {
  return {
    lectureId: texts.lectureId,
    enrolmentId: texts.enrolmentId,
    durationMs: Number(texts.durationMs),
    watched: JSON.parse(texts.watched),
    completed: texts.completed === "true",
    threshold: JSON.parse(texts.rules).threshold_percent / 100,
  };
}

class LecturePage {
  #moved = false; // the learner chose a place; before that the server's word on where to go on holds
  #playSoon = false;
  #savedMs = null;
  #owedMs = 0;
  #wasAway = false; // the note says why the video stopped while the page was hidden

  constructor(element) {
    this.texts = element.dataset;
    this.lecture = lectureOf(this.texts);
    const { watched, completed } = this.lecture;
    const reachedMs = Math.max(Number(this.texts.positionMs), ...watched.map(([, to]) => to));
    this.rules = JSON.parse(this.texts.rules);
    this.firstView = new FirstView(this.rules, { completed, reachedMs });
    this.video = new VideoElement(element, this.firstView.rates);
    this.view = new WatchView(document.querySelector("[data-watch]"), {
      durationMs: this.lecture.durationMs,
      seek: (ms) => this.jump(ms),
    });
    this.fullScreen = new FullScreen(element);
    this.#connect();
    this.#goTo(Number(this.texts.positionMs), watched);
    this.session.flushKept();
  }

  #connect() {
    const { texts, video } = this;
    const played = new PlayedTime();
    this.api = new LeaseApi({
      fetch: (...request) => fetch(...request),
      sendBeacon: (...message) => navigator.sendBeacon(...message),
      readToken,
      csrf: texts.csrf,
    });
    this.store = new QueueStore(openShelf(window.indexedDB, "lms-watch", "queues"));
    this.session = new WatchSession({
      api: this.api,
      store: this.store,
      lecture: this.lecture,
      take: () => played.take(),
      look: () => ({ positionMs: video.timeMs, rate: video.rate, visible: !document.hidden, playing: video.playing }),
      listener: this.#sessionListener(),
    });
    this.presence = new PresenceCheck({
      send: (body) => this.session.confirm(body),
      view: new PresenceDialog(document.querySelector("[data-presence]")),
      listener: { asked: () => this.#asked(), done: (lostMs, wrong) => this.#confirmed(lostMs, wrong) },
    });
    this.signals = new MediaSignals({ video, played, session: this.session, page: this });
    this.tellOthers = announceOpening(() => this.session.hurry());
    document.querySelector("[data-watch-continue]").addEventListener("click", () => this.start());
    bindPageSignals({
      session: this.session,
      api: this.api,
      away: () => this.#away(),
      back: () => {
        this.view.hide("sign-in");
        this.start();
      },
    });
  }

  #sessionListener() {
    const { view, texts } = this;
    return {
      opened: (lease) => this.#opened(lease),
      credited: (answer, queue) => {
        this.#standing(answer);
        this.#saved(queue, answer);
        this.signals.wake();
      },
      recovered: (answer, queue) => {
        this.#standing(answer);
        if (!this.#moved && !this.session.live) this.#goTo(queue.positionMs, answer.watched ?? this.lecture.watched);
        if (answer.accepted_ms > 0) this.#saved(queue, answer);
      },
      failing: () => this.#line(),
      over: (answer, _queue, wasPlaying) => this.#over(answer, wasPlaying),
      asked: (check) => this.presence.ask(check),
      signIn: () => {
        view.show("sign-in");
        document.dispatchEvent(new CustomEvent("session:lost"));
      },
      refused: (detail) => this.#stop(detail),
      unreachable: () => view.line({ kind: "failing", text: texts.textUnreachable }),
    };
  }

  // Plays once a lease lives: the budget of credit begins before the first frame.
  async start() {
    const { session, video } = this;
    this.view.hide("note");
    if (this.presence.open) {
      video.pause();
    } else if (session.live) {
      video.play();
    } else {
      video.pause();
      this.#playSoon = true;
      if ((await session.open()) && this.#playSoon) video.play();
      this.#playSoon = false;
    }
  }

  // To a place that the learner chose on the page, and on from there.
  jump(ms) {
    this.#moved = true;
    this.video.seek(this.wish(ms));
    this.start();
  }

  #goTo(positionMs, watched) {
    const { durationMs, completed } = this.lecture;
    this.aimedAt = resumeAt(positionMs, watched, durationMs, completed);
    this.view.position(this.aimedAt);
    if (Math.abs(this.video.timeMs - this.aimedAt) > EXACTLY_MS) this.video.seek(this.aimedAt);
  }

  // For the signals of the media element:

  goesOn() {
    if (this.#wasAway) this.view.hide("note");
    this.#wasAway = false;
  }

  position(ms) {
    this.view.position(ms);
    if (!this.video.seeking) this.firstView.played(ms);
    if (this.session.standing.failing) this.#line();
  }

  wish(ms) {
    if (!(Math.abs(ms - this.aimedAt) <= SAME_PLACE_MS)) this.#moved = true;
    this.aimedAt = NaN;
    const allowed = this.firstView.allowed(ms);
    if (allowed !== ms) this.view.show("note", this.texts.textNotYet);
    return allowed;
  }

  broken() {
    this.view.line({ kind: "failing", text: this.texts.textMediaError });
  }

  renewGrant() {
    return this.session.live ? this.session.beat() : readToken().catch(() => null);
  }

  // For the session:

  #opened(lease) {
    this.view.hide("stopped", "sign-in");
    this.view.watched(lease.watched);
    this.#keepTo(lease.policy ?? this.rules);
    this.#line();
    if (!this.#moved) this.#goTo(lease.position_ms, lease.watched);
    this.tellOthers();
    if (lease.presence) this.presence.ask(lease.presence);
  }

  // The course's policy as the lease has it, which may be newer than the page.
  #keepTo(policy) {
    this.rules = this.firstView.rules = policy;
    this.lecture.threshold = policy.threshold_percent / 100;
    this.video.offerRates(this.firstView.rates);
  }

  #standing(answer) {
    if (answer.watched) this.view.watched(answer.watched);
    if (answer.course_completed) this.view.show("complete", this.texts.textCourseDone);
    else if (answer.completed && !this.lecture.completed) this.view.show("complete", this.texts.textLectureDone);
    if (answer.completed) this.#completed();
  }

  #completed() {
    if (this.lecture.completed) return;
    this.lecture.completed = this.firstView.completed = true;
    this.video.offerRates(this.firstView.rates);
  }

  #saved(queue, answer) {
    this.#savedMs = queue.positionMs;
    this.#owedMs = (answer.trimmed ?? []).length > 0 ? queue.pendingMs : 0;
    if (this.#owedMs > 0) this.view.trimmed(answer.trimmed);
    this.#line();
  }

  #line() {
    const { live, standing } = this.session;
    const facts = { live, ...standing, savedMs: this.#savedMs, owedMs: this.#owedMs, durable: this.store.durable };
    this.view.line(savedLine(facts, this.texts));
  }

  #over(answer, wasPlaying) {
    this.presence.withdraw();
    this.#standing(answer);
    this.#moved = false;
    if (wasPlaying || answer.lease_state === "superseded" || answer.lease_state === "revoked") this.#stop(answer.detail);
    else this.#line();
  }

  #stop(text) {
    this.#playSoon = false;
    this.video.pause();
    this.view.show("stopped", text);
    this.#line();
  }

  // For a check of presence:

  #asked() {
    this.fullScreen.leave();
    this.video.pause();
  }

  #confirmed(lostMs, wrong) {
    this.fullScreen.goBack();
    this.start();
    const told = [wrong && this.texts.textWrong, lostMs > 0 && fill(this.texts.textConfirmedLate, { seconds: Math.round(lostMs / 1000) })];
    if (told.some(Boolean)) this.view.show("note", told.filter(Boolean).join(" "));
    else this.view.say(this.texts.textConfirmed);
  }

  #away() {
    if (!this.rules.pause_when_hidden || !this.video.playing) return;
    this.video.pause();
    this.#wasAway = true;
    this.view.show("note", this.texts.textAway);
  }
}

export function bindLecturePage(element) {
  return new LecturePage(element);
}
