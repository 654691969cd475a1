// Single keys, off by a tick in the list of keys (WCAG 2.2, 2.1.4 Character Key Shortcuts).
import { goToCard } from "./faces.js";

const STORED = "vestibule.keys";

export function startKeys() {
  const map = document.getElementById("keys");
  const isOn = document.getElementById("keys-on");
  isOn.checked = localStorage.getItem(STORED) !== "off";
  isOn.addEventListener("change", () => {
    localStorage.setItem(STORED, isOn.checked ? "on" : "off");
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-open-keys]")) return;
    document.getElementById("settings").hidePopover();
    map.showModal();
  });
  document.addEventListener("keydown", (event) => {
    if (!isOn.checked || isTyping(event)) return;
    if (act(event.key, map)) event.preventDefault();
  });
}

function isTyping(event) {
  if (event.metaKey || event.ctrlKey || event.altKey) return true;
  return event.target.matches("input:not([type=checkbox], [type=radio]), textarea, select");
}

function act(key, map) {
  if (document.querySelector("dialog[open]")) return false;
  const press = (selector) => {
    const element = document.querySelector(selector);
    element?.click();
    return Boolean(element);
  };
  const actions = {
    "?": () => map.showModal() ?? true,
    t: () => press("[data-take-photo]"),
    c: () => press("[data-choose-photo]") || pressChooser(),
    d: () => location.assign("/") ?? true,
    g: () => location.assign("/guests") ?? true,
    "/": () => focusSearch(),
    j: () => step(1) || press("[data-desk-step=j]"),
    k: () => step(-1) || press("[data-desk-step=k]"),
    a: () => press("[data-desk-key=a]"),
    r: () => press("[data-desk-key=r]"),
  };
  if (key in actions) return actions[key]();
  if ("ynel".includes(key) && key.length === 1) return pressInCard(key);
  return false;
}

function pressChooser() {
  const chooser = document.getElementById("choose-input");
  chooser?.click();
  return Boolean(chooser);
}

function focusSearch() {
  const search = document.querySelector("[data-search]");
  if (!search) location.assign("/guests");
  search?.focus();
  return true;
}

function step(direction) {
  const cards = [...document.querySelectorAll("article.card")];
  if (!cards.length) return false;
  const current = cards.indexOf(document.activeElement?.closest("article.card"));
  const next = current === -1 ? 0 : current + direction;
  const card = cards[Math.min(Math.max(next, 0), cards.length - 1)];
  goToCard(card.dataset.face);
  return true;
}

function pressInCard(key) {
  const card = document.activeElement?.closest("article.card");
  const button = card?.querySelector(`[data-key="${key}"]`);
  button?.click();
  return Boolean(button);
}
