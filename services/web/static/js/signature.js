// A signature drawn on a canvas, sent with the form as a picture. Whoever does not draw types a name.
const INK = "#10151a";
const PAPER = "#fff";

export function startSignatures() {
  for (const field of document.querySelectorAll("[data-signature]")) start(field);
}

function start(field) {
  const pad = field.querySelector("canvas");
  const sent = field.querySelector("input[name=signature]");
  const pen = pad.getContext("2d");
  let isDrawn = false;
  let isDown = false;

  const clear = () => {
    pen.fillStyle = PAPER;
    pen.fillRect(0, 0, pad.width, pad.height);
    isDrawn = false;
    sent.value = "";
  };
  const at = (event) => {
    const box = pad.getBoundingClientRect();
    return [
      ((event.clientX - box.left) * pad.width) / box.width,
      ((event.clientY - box.top) * pad.height) / box.height,
    ];
  };
  pad.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    pad.setPointerCapture(event.pointerId);
    isDown = true;
    pen.strokeStyle = INK;
    pen.lineWidth = 3;
    pen.lineCap = pen.lineJoin = "round";
    pen.beginPath();
    pen.moveTo(...at(event));
  });
  pad.addEventListener("pointermove", (event) => {
    if (!isDown) return;
    pen.lineTo(...at(event));
    pen.stroke();
    isDrawn = true;
  });
  for (const name of ["pointerup", "pointercancel"]) {
    pad.addEventListener(name, () => {
      isDown = false;
      if (isDrawn) sent.value = pad.toDataURL("image/png");
    });
  }
  field.querySelector("[data-clear-signature]").addEventListener("click", clear);
  clear();
}
