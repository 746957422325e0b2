// A reviewer's or author's look at a lecture: plain playing without a lease; the grant for the media is renewed while the page is open.
import { VideoElement } from "./video-element.js";

const RENEW_MS = 120_000;

export function bindPreview(element) {
  const { grantUrl, csrf } = element.dataset;
  const renew = () => fetch(grantUrl, { method: "POST", headers: { "X-CSRFToken": csrf }, credentials: "same-origin" }).catch(() => null);
  const video = new VideoElement(element);
  video.on("error", () => {
    const at = video.timeMs;
    setTimeout(async () => {
      await renew();
      video.reload(at);
    }, 5000);
  });
  setInterval(renew, RENEW_MS);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) renew();
  });
}
