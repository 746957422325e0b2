// The screen of a classroom: plays, reports what it played, and asks now and then whether the host is there.
import { PlayedTime } from "./played-time.js";
import { RoomReports } from "./room-reports.js";
import { VideoElement } from "./video-element.js";
import { clock, fill } from "./words.js";

async function post(url, body, headers = {}) {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", ...headers },
      body: JSON.stringify(body),
      credentials: "same-origin",
    });
    return { status: response.status, body: await response.json().catch(() => ({})) };
  } catch {
    return { status: 0, body: {} };
  }
}

function bindCheck(answer) {
  const dialog = document.querySelector("[data-room-check]");
  let checkId = null;
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.querySelector("[data-room-here]").addEventListener("click", async () => {
    if (await answer(checkId)) {
      checkId = null;
      dialog.close();
    }
  });
  return (presence) => {
    checkId = presence?.id ?? null;
    if (checkId && !dialog.open) {
      if (document.fullscreenElement) document.exitFullscreen();
      dialog.showModal();
    } else if (!checkId && dialog.open) {
      dialog.close();
    }
  };
}

export function bindRoomPage(element) {
  const texts = element.dataset;
  const line = document.querySelector("[data-room-line]");
  const video = new VideoElement(element);
  const played = new PlayedTime();
  let opening = null;

  const reports = new RoomReports({
    open: () => post(`/api/v1/classrooms/${texts.room}/screens`, {}, { "X-CSRFToken": texts.csrf }),
    send: (screenId, body) => post(`/api/v1/screens/${screenId}/reports`, body),
    take: () => played.take(),
    position: () => Math.round(video.timeMs),
    listener: {
      taken(answer) {
        line.textContent = fill(texts.textSaved, { position: clock(video.timeMs) });
        showCheck(answer.presence);
      },
      failing() {
        line.textContent = texts.textFailing;
      },
      over() {
        video.pause();
        line.textContent = texts.textStopped;
      },
    },
  });
  const showCheck = bindCheck(async (id) => (await post(`/api/v1/screens/${reports.screenId}/presence`, { id })).status === 204);

  // The screen is taken over before the first frame that counts.
  async function start() {
    video.pause();
    opening ??= reports.open().finally(() => {
      opening = null;
    });
    if (await opening) video.play();
    else line.textContent = texts.textRefused;
  }

  const read = () => {
    if (video.playing && !video.seeking) played.read(video.timeMs, performance.now(), video.rate);
  };
  video.on("play", () => (reports.live ? read() : start()));
  video.on("playing timeupdate ratechange seeked", () => reports.live && read());
  video.on("seeking", () => played.cut());
  video.on("pause ended", () => {
    read();
    played.cut();
    if (reports.live) reports.report();
  });
  window.addEventListener("online", () => reports.report());
  document.addEventListener("visibilitychange", () => reports.report());
  video.seek(Number(texts.positionMs));
}
