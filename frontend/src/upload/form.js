// Sends <form data-upload> with its files and shows how far that is. Without this module the browser sends the form by itself.
import { focusError } from "../error-focus.js";
import { UploadMeter } from "./meter.js";

function chosenBytes(form) {
  const files = [...form.querySelectorAll('input[type="file"]')].flatMap((input) => [...input.files]);
  return files.reduce((sum, file) => sum + file.size, 0);
}

function warnOfLargeFiles(form) {
  for (const input of form.querySelectorAll('input[type="file"]')) {
    input.addEventListener("change", () => {
      const tooLarge = [...input.files].some((file) => file.size > Number(form.dataset.maxBytes));
      input.setCustomValidity(tooLarge ? form.dataset.textTooLarge : "");
      input.reportValidity();
    });
  }
}

// The form came back with messages: the page takes its content over, and keeps what the server already holds.
function showAnswer(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const content = fresh.getElementById("main");
  if (!content?.querySelector("form[data-upload]")) return false;
  document.title = fresh.title;
  document.getElementById("main").replaceChildren(...content.childNodes);
  bindUpload();
  focusError();
  return true;
}

function titleOf(html) {
  return new DOMParser().parseFromString(html, "text/html").querySelector("#main h1")?.textContent.trim() ?? "";
}

function send(form, meter) {
  const request = new XMLHttpRequest();
  const buttons = form.querySelectorAll('button[type="submit"]');
  const warn = (event) => event.preventDefault();
  const end = (text) => {
    window.removeEventListener("beforeunload", warn);
    for (const button of buttons) button.disabled = false;
    if (text) meter.stopped(text);
  };
  request.upload.addEventListener("progress", (event) => meter.show(event.loaded, event.lengthComputable ? event.total : 0));
  request.upload.addEventListener("load", () => meter.saving());
  request.addEventListener("load", () => {
    if (request.status >= 200 && request.status < 300) {
      end("");
      window.location.assign(request.responseURL);
    } else if (request.status !== 422 || !showAnswer(request.responseText)) {
      end(titleOf(request.responseText) || form.dataset.textFailed);
    } else {
      end("");
    }
  });
  request.addEventListener("error", () => end(form.dataset.textFailed));
  request.addEventListener("abort", () => end(form.dataset.textCancelled));
  const content = new FormData(form);
  for (const button of buttons) button.disabled = true;
  window.addEventListener("beforeunload", warn);
  meter.begin(() => request.abort());
  request.open("POST", form.action);
  request.send(content);
}

export function bindUpload() {
  const form = document.querySelector("form[data-upload]");
  if (!form) return;
  const meter = new UploadMeter(form);
  warnOfLargeFiles(form);
  form.addEventListener("submit", (event) => {
    if (chosenBytes(form) === 0) return;
    event.preventDefault();
    send(form, meter);
  });
}
