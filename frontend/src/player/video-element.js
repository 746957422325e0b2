// The only module that knows video.js. Everything else sees a small player whose times are media milliseconds.
import "./before-video-js.js";
import videojs from "video.js";
import chinese from "video.js/dist/lang/zh-CN.json";

videojs.addLanguage("zh-CN", {
  ...chinese,
  "Drop shadow": "下阴影",
  "Playing in Picture-in-Picture": "正在画中画中播放",
  "Skip backward {1} seconds": "后退 {1} 秒",
  "Skip forward {1} seconds": "前进 {1} 秒",
});

const RATES = [0.75, 1];
const HLS = "application/vnd.apple.mpegurl";
const PLACED_SECONDS = 0.5;

function options(element, rates) {
  return {
    controls: true,
    fill: true,
    // Who goes on finds the place ready; nothing is fetched for a lecture that was not begun.
    preload: Number(element.dataset.positionMs) > 0 ? "metadata" : "none",
    language: document.documentElement.lang,
    poster: element.dataset.poster || undefined,
    playbackRates: rates,
    userActions: { hotkeys: true },
    controlBar: { skipButtons: { backward: 10, forward: 10 }, pictureInPictureToggle: false },
    // One engine wherever media source extensions exist; Safari plays HLS by itself, and on older phones nothing else can.
    html5: { vhs: { overrideNative: !videojs.browser.IS_ANY_SAFARI }, nativeTextTracks: false },
  };
}

export class VideoElement {
  #player;
  #playlist;
  #placed = false; // the engine has stored its first segment, so that it may be moved
  #startMs = null;

  constructor(element, rates = RATES) {
    const { playlist, captions, textCaptions } = element.dataset;
    this.#playlist = playlist;
    this.#player = videojs(element, options(element, rates));
    this.#player.on("canplay", () => this.#place());
    this.#player.on("seeked", () => {
      if (this.#misplaced()) this.reload(this.timeMs);
    });
    this.#load();
    if (captions) {
      this.#player.addRemoteTextTrack({ kind: "captions", src: captions, srclang: "zh-CN", label: textCaptions, default: true }, false);
    }
  }

  on(events, call) {
    this.#player.on(events.split(" "), call);
  }

  get timeMs() {
    return this.#startMs ?? (this.#player.currentTime() || 0) * 1000;
  }

  get rate() {
    return this.#player.playbackRate() || 1;
  }

  offerRates(rates) {
    this.#player.playbackRates(rates);
  }

  get seeking() {
    return this.#startMs !== null || this.#player.seeking();
  }

  get playing() {
    return !this.#player.paused() && !this.#player.ended();
  }

  pause() {
    this.#player.pause();
  }

  // A browser may refuse to play without a press of a key or a finger; the control then simply stays at "play".
  play() {
    this.#player.play()?.catch(() => {});
  }

  seek(ms) {
    if (this.#placed) this.#player.currentTime(ms / 1000);
    else this.#startMs = ms;
  }

  // Loads the video again after an error, at a place.
  reload(ms) {
    this.#player.error(null);
    this.#load();
    this.#startMs = ms;
  }

  #load() {
    this.#placed = false;
    this.#player.src({ src: this.#playlist, type: HLS });
  }

  #place() {
    if (this.#placed) return;
    this.#placed = true;
    const startMs = this.#startMs;
    this.#startMs = null;
    if (startMs !== null) this.#player.currentTime(startMs / 1000);
  }

  // A seek while the engine (VHS 3.17) stores its very first segment makes it put all that follows at a wrong time. Our own seeks wait;
  // a learner's may come in that moment. Packages have no discontinuity, so that any offset at all is wrong.
  #misplaced() {
    const updater = this.#player.tech(true)?.vhs?.playlistController_?.sourceUpdater_;
    return Math.abs(updater?.videoTimestampOffset?.() ?? 0) > PLACED_SECONDS;
  }
}
