// What stands behind the # is sent to nobody by the browser: it is posted once and taken away.
const form = document.getElementById("own-door");
const token = window.location.hash.slice(1);
if (form && token) {
  window.history.replaceState(null, "", window.location.pathname);
  form.querySelector("[name=token]").value = token;
  form.submit();
}
