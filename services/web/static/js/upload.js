// A photo on its way in: chosen, dropped or taken; shown at once, sent as it is, then followed.
import { followPhoto, showPreview } from "./progress.js";
import { announce, say } from "./words.js";

const main = document.getElementById("main");
const PATIENCE_MS = 600_000;
let isSending = false;
let shownPath = location.pathname;

export function startCapture() {
  const chooser = document.getElementById("choose-input");
  const phoneCamera = document.getElementById("camera-input");
  if (!chooser) return;
  for (const input of [chooser, phoneCamera]) {
    input.addEventListener("change", () => {
      if (input.files.length) sendPhoto(input.files[0]);
      input.value = "";
    });
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-choose-photo]")) chooser.click();
    if (event.target.closest("[data-phone-camera]")) phoneCamera.click();
  });
  startDropping();
  // Links inside the page come by here too: only another path is another page.
  addEventListener("popstate", () => {
    if (location.pathname !== shownPath) location.reload();
  });
}

function startDropping() {
  const cover = document.getElementById("drop-cover");
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  let depth = 0;
  addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    depth += 1;
    cover.hidden = false;
  });
  addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    if (depth === 0) cover.hidden = true;
  });
  addEventListener("dragover", (event) => {
    if (hasFiles(event)) event.preventDefault();
  });
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    cover.hidden = true;
    if (event.dataTransfer.files.length > 1) announce(say("oneOnly"));
    if (event.dataTransfer.files.length) sendPhoto(event.dataTransfer.files[0]);
  });
}

export async function sendPhoto(file) {
  if (isSending) return;
  const limit = Number(document.body.dataset.limitBytes ?? Infinity);
  if (file.size > limit) {
    showProblem({ happened: say("tooLarge", { limit: Math.floor(limit / 1_000_000) }) });
    return;
  }
  isSending = true;
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
  const preview = showProgress(file);
  try {
    const answer = await postUntilTaken(file);
    history.pushState({}, "", answer.url);
    shownPath = location.pathname;
    document.getElementById("wait-reason").textContent = "";
    document.getElementById("may-close").hidden = false;
    preview.markSent();
    followPhoto(answer.url, preview);
  } catch (problem) {
    preview.release();
    showProblem(problem);
  } finally {
    isSending = false;
  }
}

function showProgress(file) {
  const view = document.getElementById("progress-template").content.cloneNode(true);
  replaceMain(view);
  document.body.classList.add("page-photo");
  document.body.classList.remove("page-door", "page-narrow", "page-plain");
  document.querySelector(".tab[aria-current]")?.removeAttribute("aria-current");
  return showPreview(file);
}

function replaceMain(view) {
  const messages = document.getElementById("messages");
  messages.replaceChildren();
  main.replaceChildren(messages, view);
  scrollTo(0, 0);
  main.querySelector("h1")?.focus({ preventScroll: true });
}

// While too many photos wait, this one is kept here and sent again when the server said so.
async function postUntilTaken(file) {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await post(file);
    } catch (problem) {
      if (!problem.retry_after_s) throw problem;
      if (performance.now() > giveUpAt) throw { happened: say("busyTooLong") };
      await countDown(problem.retry_after_s);
    }
  }
}

// The reason is a live region: it is said once, while the seconds run beside the step.
async function countDown(seconds) {
  const reason = document.getElementById("wait-reason");
  const time = document.querySelector('[data-step="received"] [data-step-time]');
  document.getElementById("may-close").hidden = true;
  reason.textContent = say("busy", { seconds });
  for (let left = seconds; left > 0; left -= 1) {
    time.textContent = say("seconds", { seconds: left });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  time.textContent = "";
  reason.textContent = say("busySending");
}

// XMLHttpRequest, because fetch tells nothing of how far an upload is.
function post(file) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/photos");
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRF-Token", document.body.dataset.csrf);
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.upload.addEventListener("progress", (event) => {
      const time = document.querySelector('[data-step="received"] [data-step-time]');
      if (time && event.lengthComputable && event.total > 500_000) {
        time.textContent = `${Math.round((event.loaded / event.total) * 100)} %`;
      }
    });
    request.addEventListener("load", () => {
      const answer = request.response;
      if (request.status === 202) resolve(answer);
      else if (answer?.go_to) location.assign(answer.go_to);
      else reject(answer ?? { happened: say("noAnswer") });
    });
    request.addEventListener("error", () => reject({ happened: say("notSent") }));
    request.send(file);
  });
}

function showProblem(problem) {
  const view = document.getElementById("upload-problem-template").content.cloneNode(true);
  view.querySelector("[data-happened]").textContent = problem.happened;
  view.querySelector("[data-advice]").textContent = [problem.safe, problem.to_do]
    .filter(Boolean)
    .join(" ");
  document.body.classList.remove("page-photo", "page-door", "page-narrow");
  document.body.classList.add("page-plain");
  replaceMain(view);
  announce(problem.happened);
}
