// A signature drawn on a canvas, sent with the form as a picture. Whoever does not draw types a name.
// The canvas keeps its own size whatever the window's: turning the tablet scales what is shown alone.
const INK = "#10151a";
const PAPER = "#fff";
const INK_PX = 5;

export function startSignatures() {
  for (const field of document.querySelectorAll("[data-signature]")) start(field);
}

function start(field) {
  const pad = field.querySelector("canvas");
  const sent = field.querySelector("input[name=signature]");
  const pen = pad.getContext("2d");
  let isDown = false;
  let last = [0, 0];

  const clear = () => {
    pen.fillStyle = PAPER;
    pen.fillRect(0, 0, pad.width, pad.height);
    sent.value = "";
  };
  const at = (event) => {
    const box = pad.getBoundingClientRect();
    const edge = pad.clientLeft;
    return [
      ((event.clientX - box.left - edge) * pad.width) / pad.clientWidth,
      ((event.clientY - box.top - edge) * pad.height) / pad.clientHeight,
    ];
  };
  pad.addEventListener("pointerdown", (event) => {
    if (isDown || event.button !== 0) return;
    event.preventDefault();
    pad.setPointerCapture(event.pointerId);
    isDown = true;
    pen.strokeStyle = INK;
    pen.lineWidth = INK_PX;
    pen.lineCap = pen.lineJoin = "round";
    last = at(event);
  });
  pad.addEventListener("pointermove", (event) => {
    if (!isDown) return;
    pen.beginPath();
    pen.moveTo(...last);
    const steps = event.getCoalescedEvents?.() ?? [];
    for (const step of steps.length ? steps : [event]) pen.lineTo(...(last = at(step)));
    pen.stroke();
    sent.value = "drawn"; // the picture itself is made when the pen is lifted
  });
  for (const name of ["pointerup", "pointercancel"]) {
    pad.addEventListener(name, () => {
      isDown = false;
      if (!sent.value) return;
      sent.value = pad.toDataURL("image/png");
      // One of the two is enough: what was wrong is no longer said.
      document.getElementById("signature-error")?.remove();
    });
  }
  field.querySelector("[data-clear-signature]").addEventListener("click", clear);
  const kept = sent.value;
  clear();
  if (kept) show(kept);

  // A signature that came back with the form, because something else was lacking.
  async function show(address) {
    const bytes = Uint8Array.from(atob(address.split(",")[1]), (letter) => letter.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    pen.drawImage(picture, 0, 0, pad.width, pad.height);
    sent.value = address;
  }
}
