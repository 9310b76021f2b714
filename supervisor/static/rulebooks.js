// The form of a part: other fields appear when a choice is made, and how it reads follows what is typed.
(function () {
  "use strict";
  document.documentElement.classList.add("has-scripts");
  var form = document.querySelector(".part-form");
  if (!form) { return; }
  var timer = 0, asked = 0;

  function ownWords(within) {
    within.querySelectorAll("select[data-own]").forEach(function (select) {
      var own = select.parentNode.querySelector(".own");
      function show() { own.hidden = select.value !== "~"; }
      show();
      select.addEventListener("change", function () { show(); if (!own.hidden) { own.focus(); } });
    });
  }

  // Asks the server to draw the form from what is typed; nothing is saved.
  function draw(action, done) {
    var data = new FormData(form), number = ++asked;
    data.set("do", action);
    fetch(form.action, { method: "POST", body: data, credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.text() : Promise.reject(answer.status); })
      .then(function (text) { if (number === asked) { done(new DOMParser().parseFromString(text, "text/html")); } })
      .catch(function () { /* the form stands as it is; saving says what is wrong */ });
  }
  function reads(page) {
    var fresh = page.getElementById("reads");
    if (fresh) { document.getElementById("reads").replaceWith(fresh); }
    // What has been mended is no longer marked; what is newly wrong is said when the form is drawn or saved.
    form.querySelectorAll(".field-wrong").forEach(function (field) {
      var control = field.id ? field : field.querySelector("[id]:not(.wrong):not(.hint)");
      var twin = control && page.getElementById(control.id);
      if (twin && !twin.closest(".field-wrong")) {
        field.classList.remove("field-wrong");
        field.querySelectorAll("p.wrong").forEach(function (p) { p.remove(); });
        field.querySelectorAll("[aria-invalid]").forEach(function (c) { c.removeAttribute("aria-invalid"); c.removeAttribute("aria-describedby"); });
      }
    });
  }
  function redraw(action, focus) {
    draw(action, function (page) {
      var fresh = page.querySelector(".part-form");
      if (!fresh) { return; }
      var open = Array.prototype.map.call(form.querySelectorAll("details.more"), function (d) { return d.open; });
      form.innerHTML = fresh.innerHTML;
      form.querySelectorAll("details.more").forEach(function (d, n) { if (open[n]) { d.open = true; } });
      ownWords(form);
      reads(page);
      var target = focus && document.getElementById(focus);
      if (target) { target.focus(); }
    });
  }

  form.addEventListener("change", function (event) {
    var select = event.target;
    if (select.matches("[data-redraw]") && select.value !== "~") { clearTimeout(timer); redraw("show", select.id); return; }
    clearTimeout(timer); timer = setTimeout(function () { draw("show", reads); }, 150);
  });
  form.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(function () { draw("show", reads); }, 600); });
  // Adding, moving and removing lines happens in place.
  form.addEventListener("click", function (event) {
    var button = event.target.closest("button[name=do]");
    if (!button || /^(save|next|again)$/.test(button.value)) { return; }
    event.preventDefault();
    clearTimeout(timer);
    redraw(button.value, null);
  });
  // The last spare line is filled: another one appears.
  form.addEventListener("focusout", function (event) {
    var line = event.target.closest(".band");
    if (line && event.target.value && !line.nextElementSibling.matches(".band")) { redraw("show", event.relatedTarget && event.relatedTarget.id); }
  });
  ownWords(form);
})();
