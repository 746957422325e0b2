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

function options(element) {
  return {
    controls: true,
    fill: true,
    preload: "none", // nothing is fetched before play, and then from where the learner goes on
    language: document.documentElement.lang,
    poster: element.dataset.poster || undefined,
    playbackRates: RATES,
    userActions: { hotkeys: true },
    controlBar: { skipButtons: { backward: 10, forward: 10 }, pictureInPictureToggle: false },
    // One engine wherever media source extensions exist; Safari plays HLS by itself, and on older phones nothing else can.
    html5: { vhs: { overrideNative: !videojs.browser.IS_ANY_SAFARI }, nativeTextTracks: false },
  };
}

export class VideoElement {
  #player;
  #playlist;

  constructor(element) {
    const { playlist, captions, textCaptions } = element.dataset;
    this.#playlist = playlist;
    this.#player = videojs(element, options(element));
    this.#player.src({ src: playlist, type: "application/vnd.apple.mpegurl" });
    if (captions) {
      this.#player.addRemoteTextTrack({ kind: "captions", src: captions, srclang: "zh-CN", label: textCaptions, default: true }, false);
    }
  }

  on(events, call) {
    this.#player.on(events.split(" "), call);
  }

  get timeMs() {
    return (this.#player.currentTime() || 0) * 1000;
  }

  get rate() {
    return this.#player.playbackRate() || 1;
  }

  get seeking() {
    return this.#player.seeking();
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

  // Moves there. Before the media are known the element itself keeps the place as its start: a seek while the engine stores the first
  // segment would put all that follows at a wrong time.
  seek(ms) {
    if (this.#player.readyState() > 0) this.#player.currentTime(ms / 1000);
    else this.#player.tech(true).el().currentTime = ms / 1000;
  }

  // Loads the video again after an error, at a place.
  reload(ms) {
    this.#player.error(null);
    this.#player.src({ src: this.#playlist, type: "application/vnd.apple.mpegurl" });
    this.seek(ms);
  }
}
