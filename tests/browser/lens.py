"""A world that runs several times as fast: the server's clock, the page's clocks and timers, and the video itself, all alike.

A lecture of minutes is then watched in seconds by the page's own code, and both clocks can jump together to a later hour.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from playwright.sync_api import BrowserContext, Page

SCRIPT = """(({ factor, jump }) => {
  let ahead = jump;
  const now = performance.now.bind(performance), date = Date.now.bind(Date), begin = now(), day = date();
  performance.now = () => (now() - begin) * factor + ahead;
  Date.now = () => day + (date() - day) * factor + ahead;
  const later = window.setTimeout.bind(window), again = window.setInterval.bind(window);
  const due = new Map();
  window.setTimeout = (call, ms = 0, ...values) => {
    const id = later(() => { due.delete(id); call(...values); }, ms / factor);
    due.set(id, { at: performance.now() + ms, call: () => call(...values) });
    return id;
  };
  window.setInterval = (call, ms, ...values) => again(call, ms / factor, ...values);
  window.lensJump = (ms) => {
    ahead += ms;
    for (const [id, { at, call }] of [...due]) if (at <= performance.now()) { clearTimeout(id); due.delete(id); call(); }
  };
  for (const name of ["playbackRate", "defaultPlaybackRate"]) {
    const real = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, name);
    Object.defineProperty(HTMLMediaElement.prototype, name, {
      get() { return real.get.call(this) / factor; },
      set(rate) { real.set.call(this, rate * factor); },
    });
  }
  window.lensPlaces = [];
  document.addEventListener("seeking", (event) => window.lensPlaces.push(event.target.currentTime), { capture: true });
  const create = document.createElement.bind(document);
  document.createElement = (name, ...more) => {
    const made = create(name, ...more);
    if (made instanceof HTMLMediaElement) made.defaultPlaybackRate = made.playbackRate = 1;
    return made;
  };
})"""


@dataclass
class Lens:
    """How many times as fast the world runs, and how far it was moved ahead."""

    factor: float
    ahead: timedelta = timedelta(0)
    _begin: float = field(default_factory=time.monotonic)
    _day: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        """The server's moment, cut to the millisecond as kernel/clock does."""
        moment = self._day + timedelta(seconds=(time.monotonic() - self._begin) * self.factor) + self.ahead
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def put_on(self, context: BrowserContext) -> None:
        """Gives the same clocks to every page that the browser opens from now on."""
        context.add_init_script(
            f"{SCRIPT}({{ factor: {self.factor}, jump: {self.ahead / timedelta(milliseconds=1)} }});"
        )

    def wait(self, page: Page, seconds: float) -> None:
        """Lets so many seconds of that world pass."""
        page.wait_for_timeout(seconds * 1000 / self.factor)

    def jump(self, page: Page, seconds: float) -> None:
        """Moves server and page ahead at once; timers that came due ring."""
        self.ahead += timedelta(seconds=seconds)
        page.evaluate("ms => window.lensJump(ms)", seconds * 1000)
