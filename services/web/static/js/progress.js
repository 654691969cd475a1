// The steps of one photo as they happen, and then its result in the same place.
import { focusResult } from "./faces.js";
import { announce, say } from "./words.js";

const STEPS = ["received", "detecting", "recognising", "done"];
const SVG = "http://www.w3.org/2000/svg";
const SLOW_MS = 5_000;

// A page that was opened while its photo is still worked on.
export function followWaitingPhoto() {
  const section = document.querySelector("[data-follow]");
  if (!section) return;
  const size = { width: Number(section.dataset.width), height: Number(section.dataset.height) };
  followPhoto(section.dataset.follow, { size: () => size, release: () => {} });
}

// The chosen photo, visible before a byte of it is sent.
export function showPreview(file) {
  const image = document.getElementById("live-image");
  const startedAt = performance.now();
  const url = URL.createObjectURL(file);
  image.addEventListener("error", () => {
    const words = document.getElementById("no-preview");
    if (!words) return;
    words.textContent = say("noPreview");
    words.hidden = false;
    image.hidden = true;
  });
  image.src = url;
  return {
    size: () => ({ width: image.naturalWidth, height: image.naturalHeight }),
    markSent: () => {
      const step = document.querySelector('[data-step="received"]');
      step.querySelector("[data-step-name]").textContent = say("sent");
      step.querySelector("[data-step-time]").textContent = seconds(performance.now() - startedAt);
    },
    release: () => URL.revokeObjectURL(url),
  };
}

export function followPhoto(url, preview) {
  const source = new EventSource(`${url}/events`);
  const reached = new Map();
  let isOver = false;
  // A long run of the models sends no events of its own: say after a while that it goes on.
  const slow = setTimeout(() => sayWait(say("takesLong")), SLOW_MS);
  const finish = async () => {
    if (isOver) return;
    isOver = true;
    clearTimeout(slow);
    source.close();
    await showResult(url, reached.get("done"));
    preview.release();
  };
  source.addEventListener("progress", (message) => {
    const event = JSON.parse(message.data);
    showEvent(event, reached, preview);
    if (event.state === "done" || event.state === "failed") finish();
  });
  // The stream may end, or be refused by something in between: then ask for the page itself.
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED && !isOver) pollUntilDone(url, finish);
  });
}

function pollUntilDone(url, finish) {
  const timer = setInterval(async () => {
    try {
      const html = await fetchFragment(url);
      if (html.includes("data-follow")) return;
      clearInterval(timer);
      finish();
    } catch {
      // No connection: the banner says so, and the next round asks again.
    }
  }, 2_000);
}

function showEvent(event, reached, preview) {
  const position = STEPS.indexOf(event.stage);
  for (let index = 0; index <= position; index += 1) {
    if (!reached.has(STEPS[index])) reached.set(STEPS[index], event.elapsed_ms);
  }
  STEPS.forEach((name, index) => {
    const step = document.querySelector(`[data-step="${name}"]`);
    if (!step) return;
    const isDone = index < position || event.stage === "done";
    step.classList.toggle("is-done", isDone);
    step.classList.toggle("is-current", index === position && !isDone);
    if (isDone && index > 0) showStepTime(step, reached, index);
  });
  if (event.boxes) drawBoxes(event.boxes, preview.size());
  showWait(event);
}

function showStepTime(step, reached, index) {
  const label = step.querySelector("[data-step-time]");
  if (label.textContent) return;
  const began = STEPS[index] === "done" ? 0 : reached.get(STEPS[index]);
  const ended = STEPS[index] === "done" ? reached.get("done") : reached.get(STEPS[index + 1]);
  if (began !== undefined && ended !== undefined) label.textContent = seconds(ended - began);
}

function showWait(event) {
  if (event.elapsed_ms < SLOW_MS || event.stage === "done") return;
  const count = event.queue_position ?? 0;
  let words = say("takesLong");
  if (count === 1) words = say("waitingOne");
  if (count > 1) words = say("waitingMany", { count });
  sayWait(words);
}

function sayWait(words) {
  const reason = document.getElementById("wait-reason");
  if (reason && reason.textContent !== words) reason.textContent = words;
}

function drawBoxes(boxes, size) {
  const drawing = document.getElementById("live-boxes");
  if (!drawing || drawing.childElementCount || !size.width) return;
  for (const [x1, y1, x2, y2] of boxes) {
    const rect = document.createElementNS(SVG, "rect");
    rect.setAttribute("class", "box-found");
    rect.setAttribute("x", `${(100 * x1) / size.width}%`);
    rect.setAttribute("y", `${(100 * y1) / size.height}%`);
    rect.setAttribute("width", `${(100 * (x2 - x1)) / size.width}%`);
    rect.setAttribute("height", `${(100 * (y2 - y1)) / size.height}%`);
    rect.setAttribute("rx", "6");
    drawing.append(rect);
  }
  if (boxes.length === 0) announce(say("foundNone"));
  else if (boxes.length === 1) announce(say("foundOne"));
  else announce(say("foundMany", { count: boxes.length }));
}

async function showResult(url, tookMs) {
  const html = await fetchFragment(url).catch(() => null);
  if (html === null) {
    location.assign(url);
    return;
  }
  htmx.swap("#photo", html, { swapStyle: "outerHTML" });
  const took = document.getElementById("took");
  if (took && tookMs) took.textContent = say("took", { time: seconds(tookMs) });
  focusResult();
}

async function fetchFragment(url) {
  const answer = await fetch(url, { headers: { "HX-Request": "true" } });
  if (answer.status === 401) {
    location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
  }
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.text();
}

function seconds(ms) {
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  const value = (ms / 1_000).toLocaleString(document.documentElement.lang, digits);
  return say("seconds", { seconds: value });
}
