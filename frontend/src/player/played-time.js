// Collects the media time that was really played: it follows the media clock from moment to moment and cuts wherever that clock jumped.

// Media clocks are read a few times a second; between two readings it may run ahead of ours by this much and still be the same run: a busy
// phone tells the media's time late and then catches up. The server closes gaps of this length too, and pays no more than real time.
const SLACK_MS = 1000;

export class PlayedTime {
  #from = null;
  #to = 0;
  #readAt = 0;
  #finished = [];

  // A reading of the media clock while it plays: mediaMs in media time, nowMs on a clock that never steps back.
  read(mediaMs, nowMs, rate = 1) {
    if (this.#from !== null) {
      const step = mediaMs - this.#to;
      if (step >= 0 && step <= (nowMs - this.#readAt) * rate + SLACK_MS) {
        this.#to = mediaMs;
        this.#readAt = nowMs;
        return;
      }
      this.cut();
    }
    this.#from = mediaMs;
    this.#to = mediaMs;
    this.#readAt = nowMs;
  }

  // The run ends where it was last read: a seek or a pause began.
  cut() {
    if (this.#from !== null) this.#finished.push([this.#from, this.#to]);
    this.#from = null;
  }

  // All that was played since the last take, in whole milliseconds; a run that goes on goes on from its last reading.
  take() {
    const spans = this.#finished;
    this.#finished = [];
    if (this.#from !== null) {
      spans.push([this.#from, this.#to]);
      this.#from = this.#to;
    }
    return spans.map((span) => span.map(Math.floor)).filter(([from, to]) => from < to);
  }
}
