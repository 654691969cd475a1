// Everything here is an addition: each page works as plain links and forms first.
import { startAlerts } from "./alerts.js";
import { startCamera } from "./camera.js";
import { startSheets } from "./sheets.js";
import { startFaces } from "./faces.js";
import { startKeys } from "./keys.js";
import { followWaitingPhoto } from "./progress.js";
import { startSignatures } from "./signature.js";
import { startCapture } from "./upload.js";
import { say } from "./words.js";

function startOfflineBanner() {
  const banner = document.getElementById("offline");
  const update = () => {
    banner.hidden = navigator.onLine;
  };
  addEventListener("online", update);
  addEventListener("offline", update);
  update();
}

function startBusyForms() {
  document.addEventListener("submit", (event) => {
    const words = event.target.dataset.busy;
    const button = event.submitter;
    if (!words || !button) return;
    button.setAttribute("aria-disabled", "true");
    button.classList.add("is-busy");
    (button.querySelector("span") ?? button).textContent = words;
  });
}

// What was wrong with a field is no longer said once it is being written again.
function forgetMendedErrors() {
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.matches("[aria-invalid]")) return;
    field.removeAttribute("aria-invalid");
    const described = (field.getAttribute("aria-describedby") ?? "").split(" ");
    for (const id of described.filter((name) => name.endsWith("-error"))) {
      document.getElementById(id)?.remove();
    }
  });
}

// A picture may have gone since the page was made: an empty place, not a broken sign.
function hideMissingPictures() {
  const hide = (image) => image.classList.add("is-missing");
  addEventListener("error", (event) => event.target.tagName === "IMG" && hide(event.target), true);
  for (const image of document.images) {
    if (image.complete && image.src && !image.naturalWidth && image.loading !== "lazy") hide(image);
  }
}

// What is shown once can be copied; the words on the page stay selectable without this.
function startCopying() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.classList.add("is-done");
    document.getElementById("announcer").textContent = say("copied");
  });
}

// HTMX got no answer at all: say so where the person is looking.
function sayLostRequests() {
  document.addEventListener("htmx:sendError", () => {
    const isInSheet = document.getElementById("sheet").open;
    const words = document.createElement("p");
    words.className = "message message-warning";
    words.textContent = say("noAnswer");
    document.getElementById(isInSheet ? "sheet-messages" : "messages").replaceChildren(words);
  });
}

// On a phone a row of pages is longer than the window: begin at the one that is open.
function showOpenTabs() {
  for (const strip of document.querySelectorAll(".subtabs")) {
    const open = strip.querySelector("[aria-current]");
    if (!open) continue;
    const [row, tab] = [strip.getBoundingClientRect(), open.getBoundingClientRect()];
    if (tab.left >= row.left && tab.right <= row.right) continue;
    strip.scrollLeft += tab.left - row.left - (row.width - tab.width) / 2;
  }
}

showOpenTabs();
startOfflineBanner();
sayLostRequests();
forgetMendedErrors();
hideMissingPictures();
startBusyForms();
startCopying();
startSheets();
startFaces();
startKeys();
startCapture();
startSignatures();
startCamera();
followWaitingPhoto();
startAlerts();
