// Pages that open as a sheet over the page one is on. The link's own page is the same content.
let awaited = null;

export function startSheets() {
  const sheet = document.getElementById("sheet");
  const body = document.getElementById("sheet-body");
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-sheet]");
    if (link && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
      event.preventDefault();
      open(sheet, body, link);
    }
    const closer = event.target.closest("[data-close-dialog]");
    const dialog = closer?.closest("dialog");
    if (dialog) {
      event.preventDefault();
      dialog.close();
    }
    const back = event.target.closest("[data-back-to-photo]");
    if (back && sheet.open) {
      event.preventDefault();
      location.reload();
    }
    if (event.target.matches("dialog.sheet")) event.target.close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") awaited = null;
  });
  sheet.addEventListener("close", () => {
    body.replaceChildren();
    document.getElementById("sheet-messages").replaceChildren();
    if (sheet.dataset.changed) location.reload();
  });
  // Somebody else was faster, or time was: what lies under the sheet is out of date.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (sheet.open && event.detail.xhr?.status === 409) sheet.dataset.changed = "yes";
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!event.detail.target?.matches?.("[data-steps]")) return;
    document.getElementById("sheet-messages").replaceChildren();
    focusFirst(event.detail.target);
    // Once something was enrolled, the page under the sheet is out of date.
    if (sheet.open && event.detail.target.querySelector(".outcome-done")) {
      sheet.dataset.changed = "yes";
    }
  });
}

// A second tap, or Escape, while the sheet is on its way: what was asked for before is dropped.
async function open(sheet, body, link) {
  const asked = Symbol();
  awaited = asked;
  const answer = await fetch(link.href, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (awaited !== asked) return;
  if (!answer?.ok || answer.redirected) {
    location.assign(link.href);
    return;
  }
  const step = await answer.text();
  if (awaited !== asked) return;
  body.innerHTML = step;
  htmx.process(body);
  if (!sheet.open) sheet.showModal();
  focusFirst(body);
}

// What does not fit first, then what is to be typed, else the step's title.
function focusFirst(steps) {
  for (const wanted of ["[aria-invalid=true]", "[autofocus]", "[data-focus]"]) {
    const element = steps.querySelector(wanted);
    if (element) {
      element.focus();
      return;
    }
  }
}
