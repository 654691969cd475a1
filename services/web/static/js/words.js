// The page's words for scripts, in the page's language.
const words = JSON.parse(document.getElementById("script-words").textContent);

export function say(name, values = {}) {
  return words[name].replace(/\{(\w+)\}/g, (_whole, key) => values[key] ?? "");
}

export function announce(text) {
  document.getElementById("announcer").textContent = text;
}
