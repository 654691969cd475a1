// The live camera. Where it cannot be had, the reason is said and the phone's own camera offered.
import { sendPhoto } from "./upload.js";
import { say } from "./words.js";

const JPEG_QUALITY = 0.92;
let stream = null;
let facing = "environment";

export function startCamera() {
  const dialog = document.getElementById("camera");
  if (!dialog) return;
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-take-photo]")) openCamera(dialog);
  });
  document.getElementById("shutter").addEventListener("click", takePhoto);
  document.getElementById("camera-flip").addEventListener("click", flip);
  dialog.addEventListener("close", stop);
  addEventListener("pagehide", stop);
}

async function openCamera(dialog) {
  if (!navigator.mediaDevices?.getUserMedia) {
    if (isTouched()) {
      // Must happen in the tap itself: the phone's own camera needs no permission of ours.
      document.getElementById("camera-input").click();
      return;
    }
    dialog.showModal();
    showProblem(say(window.isSecureContext ? "cameraNone" : "cameraInsecure"));
    return;
  }
  dialog.showModal();
  await show();
}

async function show() {
  const status = document.getElementById("camera-status");
  document.getElementById("camera-problem").hidden = true;
  document.getElementById("camera").classList.remove("has-problem");
  document.getElementById("shutter").disabled = true;
  status.textContent = say("cameraStarting");
  try {
    const video = { facingMode: facing, width: { ideal: 1920 }, height: { ideal: 1440 } };
    const opened = await navigator.mediaDevices.getUserMedia({ video, audio: false });
    if (!document.getElementById("camera").open) {
      opened.getTracks().forEach((track) => track.stop());
      return;
    }
    stop();
    stream = opened;
    const view = document.getElementById("camera-video");
    view.srcObject = stream;
    await view.play();
    const shutter = document.getElementById("shutter");
    shutter.disabled = false;
    shutter.focus();
    status.textContent = say("cameraReady");
    await offerFlip();
  } catch (error) {
    showProblem(say(problemWord(error.name)));
  }
}

// A phone or tablet: it has a camera program of its own to hand over to.
function isTouched() {
  return matchMedia("(pointer: coarse)").matches;
}

function problemWord(name) {
  if (name === "NotAllowedError" || name === "SecurityError") {
    return isTouched() ? "cameraDenied" : "cameraDeniedHere";
  }
  if (name === "NotReadableError" || name === "AbortError") return "cameraBusy";
  return "cameraNone";
}

function showProblem(words) {
  document.getElementById("camera-status").textContent = "";
  document.getElementById("camera-problem-words").textContent = words;
  document.getElementById("camera-problem").hidden = false;
  document.getElementById("camera").classList.add("has-problem");
}

async function offerFlip() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const cameras = devices.filter((device) => device.kind === "videoinput");
  document.getElementById("camera-flip").classList.toggle("is-absent", cameras.length < 2);
}

async function flip() {
  facing = facing === "environment" ? "user" : "environment";
  stop();
  await show();
}

async function takePhoto() {
  const view = document.getElementById("camera-video");
  const canvas = document.createElement("canvas");
  canvas.width = view.videoWidth;
  canvas.height = view.videoHeight;
  canvas.getContext("2d").drawImage(view, 0, 0);
  const blob = await new Promise((resolve) => {
    canvas.toBlob(resolve, "image/jpeg", JPEG_QUALITY);
  });
  document.getElementById("camera").close();
  sendPhoto(blob);
}

function stop() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
}
