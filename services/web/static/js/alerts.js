// What happens at the door, said on every page of whoever answers alerts.
import { say } from "./words.js";

const URL_OF_EVENTS = "/alerts/events";
const PAGE = "/alerts";
const NAME = "vestibule-alerts";

export function startAlerts() {
  const call = document.querySelector("[data-alerts]");
  if (!call || !("EventSource" in window)) return;
  offerNotifications();
  const others = "BroadcastChannel" in window ? new BroadcastChannel(NAME) : null;
  const hear = (news) => show(news, call);
  others?.addEventListener("message", (message) => hear(message.data));
  const listen = () => follow((news) => {
    hear(news);
    others?.postMessage(news);
    if (news.kind) notify(news);
  });
  // One tab listens for all: a browser has few connections for one address.
  if (others && navigator.locks) {
    others.addEventListener("message", (message) => message.data.ask && others.postMessage(last));
    others.postMessage({ ask: true });
    navigator.locks.request(NAME, () => {
      listen();
      return new Promise(() => {});
    });
  } else listen();
}

let last = {};

function follow(tell) {
  const events = new EventSource(URL_OF_EVENTS);
  const hear = (event) => {
    last = { ...JSON.parse(event.data), kind: undefined };
    tell(JSON.parse(event.data));
  };
  events.addEventListener("alerts", hear);
  events.addEventListener("alert", hear);
  events.addEventListener("ended", () => events.close());
}

function show(news, call) {
  if (news.open_count === undefined) return;
  showCount(news.open_count);
  if (news.kind) htmx.trigger(document.body, "alerts-changed");
  if (news.kind === "raised" && news.open_count) callOut(call, say("alertWaits"));
  else if (news.kind === "escalated" && news.open_count) callOut(call, say("alertLate"));
  else if (!news.open_count) call.replaceChildren();
}

function showCount(count) {
  for (const badge of document.querySelectorAll("[data-alert-count]")) {
    badge.hidden = !count;
    badge.textContent = count || "";
    badge.setAttribute("aria-label", say("alertCount", { count }));
    badge.setAttribute("role", "img");
  }
}

// A live region: it is spoken, and leads to the faces from wherever one is.
function callOut(call, words) {
  const text = document.createElement("span");
  text.textContent = words;
  call.replaceChildren(text);
  if (location.pathname === PAGE) return;
  const link = document.createElement("a");
  link.href = PAGE;
  link.className = "button";
  link.textContent = say("alertLook");
  call.append(link);
}

function notify(news) {
  if (news.kind === "answered") return;
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  if (document.visibilityState === "visible" && location.pathname === PAGE) return;
  const words = say(news.kind === "raised" ? "alertWaits" : "alertLate");
  const shown = new Notification("Vestibule", { body: words, tag: news.alert_id, renotify: true });
  shown.addEventListener("click", () => {
    window.focus();
    location.assign(PAGE);
  });
}

function offerNotifications() {
  const button = document.querySelector("[data-ask-notifications]");
  if (!button || !("Notification" in window) || Notification.permission !== "default") return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await Notification.requestPermission();
    button.hidden = true;
  });
}
