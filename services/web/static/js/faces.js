// A box on the photo and its card belong together: by pointer, by touch and by keyboard.
import { announce } from "./words.js";

export function startFaces() {
  document.addEventListener("click", (event) => {
    const box = event.target.closest("a.box");
    const number = event.target.closest("[data-show-box]");
    if (box) {
      event.preventDefault();
      goToCard(box.dataset.face);
    } else if (number) {
      event.preventDefault();
      const target = document.getElementById(`box-${number.dataset.showBox}`);
      light(number.dataset.showBox);
      target.scrollIntoView({ block: "center" });
      target.focus({ preventScroll: true });
    }
  });
  for (const type of ["pointerover", "focusin"]) {
    document.addEventListener(type, (event) => {
      const face = event.target.closest?.("[data-face]");
      light(face?.dataset.face);
    });
  }
  keepFocusInCards();
  focusResult();
}

export function goToCard(number) {
  const card = document.getElementById(`face-${number}`);
  if (!card) return;
  card.closest("details")?.setAttribute("open", "");
  light(number);
  card.scrollIntoView({ block: "nearest" });
  card.focus({ preventScroll: true });
}

// After a swap the reader is told what came, and the keyboard stands where it came.
export function focusResult() {
  const result = document.querySelector("[data-result]");
  if (!result) {
    focusProblem();
    return;
  }
  const title = document.getElementById("result-title");
  const tallies = [...result.querySelectorAll(".tally")].map((item) => item.textContent.trim());
  announce([title.textContent.trim(), ...tallies].join(", "));
  if (location.hash.startsWith("#face-")) goToCard(location.hash.slice("#face-".length));
  else title.focus({ preventScroll: true });
}

// The photo could not be read: that is its result.
function focusProblem() {
  const happened = document.querySelector("#photo.problem [data-focus]");
  if (!happened) return;
  document.body.classList.replace("page-photo", "page-plain");
  announce(happened.textContent.trim());
  happened.focus({ preventScroll: true });
}

function light(number) {
  document.querySelectorAll("[data-face]").forEach((element) => {
    element.classList.toggle("is-lit", element.dataset.face === number);
  });
}

// An answer may have hidden a face: the old picture stays until the new one is here.
function showStoredPhoto() {
  const address = document.getElementById("photo-boxes")?.dataset.image;
  const image = document.querySelector(".photo-stage .frame-image");
  if (address && image && image.getAttribute("src") !== address) image.src = address;
}

function keepFocusInCards() {
  document.addEventListener("htmx:afterSwap", (event) => {
    const form = event.detail.requestConfig?.elt;
    if (!form?.matches?.("[data-keeps-focus]")) return;
    const number = form.closest("article")?.dataset.face;
    const card = document.getElementById(`face-${number}`);
    card?.focus({ preventScroll: true });
    showStoredPhoto();
    const said = card?.querySelector(".pill-said, .said");
    if (said) announce(said.textContent.trim());
  });
}
