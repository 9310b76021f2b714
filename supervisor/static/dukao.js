// Small conveniences. Every page works without them where reading is enough.
(function () {
  "use strict";
  var user = document.body.dataset.user || "";

  // Rows open by click and by Enter; links and fields inside keep their own meaning.
  document.querySelectorAll("tr[data-href]").forEach(function (row) {
    row.tabIndex = 0;
    function open(event) {
      if (event.target.closest("a, button, input, select, textarea, label")) { return; }
      window.location.href = row.dataset.href;
    }
    row.addEventListener("click", open);
    row.addEventListener("keydown", function (event) { if (event.key === "Enter") { open(event); } });
  });

  // What is typed is kept in this browser under the user's id until the form is sent (D32).
  function keyOf(form) { return "draft:" + user + ":" + form.dataset.draft; }
  function fields(form) {
    return Array.prototype.filter.call(form.elements, function (e) {
      return e.name && e.type !== "hidden" && e.type !== "file" && e.type !== "password" && e.type !== "submit";
    });
  }
  document.querySelectorAll("form[data-draft]").forEach(function (form) {
    var key = keyOf(form), note = form.querySelector("[data-draft-note]");
    try {
      var kept = JSON.parse(localStorage.getItem(key) || "null");
      if (kept) {
        fields(form).forEach(function (e) {
          var id = e.name + (e.type === "radio" || e.type === "checkbox" ? "=" + e.value : "");
          if (!(id in kept)) { return; }
          if (e.type === "radio" || e.type === "checkbox") { e.checked = kept[id]; } else { e.value = kept[id]; }
        });
        if (note) { note.hidden = false; note.textContent = note.dataset.restored; }
      }
    } catch (error) { localStorage.removeItem(key); }
    var timer = 0;
    function keep() {
      var values = {};
      fields(form).forEach(function (e) {
        if (e.type === "radio" || e.type === "checkbox") { values[e.name + "=" + e.value] = e.checked; } else { values[e.name] = e.value; }
      });
      try {
        localStorage.setItem(key, JSON.stringify(values));
        if (note) { note.hidden = false; note.textContent = note.dataset.saved; }
      } catch (error) { /* a full or forbidden store: the form itself still holds everything */ }
    }
    form.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(keep, 400); });
    form.addEventListener("submit", keep);
  });
  // The page after a successful submission names the drafts that are done.
  document.querySelectorAll("[data-draft-done]").forEach(function (mark) {
    localStorage.removeItem("draft:" + user + ":" + mark.dataset.draftDone);
  });

  // Signing out warns of what has not been sent.
  document.querySelectorAll("form[data-sign-out]").forEach(function (form) {
    form.addEventListener("submit", function (event) {
      var open = Object.keys(localStorage).filter(function (k) { return k.indexOf("draft:" + user + ":") === 0; });
      var question = document.documentElement.lang === "en"
        ? "You have " + open.length + " unsent draft(s) in this browser. They stay here. Sign out?"
        : "本浏览器中还有 " + open.length + " 份未提交的草稿，退出后仍会保留。确定退出吗？";
      if (open.length && !window.confirm(question)) { event.preventDefault(); }
    });
  });

  // One press, one request: the button says that it is working. The server's key stops the rest.
  document.querySelectorAll("form[method=post]").forEach(function (form) {
    form.addEventListener("submit", function () {
      var working = form.querySelector("[data-working]");
      var button = form.querySelector(working ? "button.btn" : "button.btn-primary");
      if (button) { setTimeout(function () { button.disabled = true; button.setAttribute("aria-busy", "true"); }, 0); }
      // Work of many rows says so until the next page is there; other buttons come back after a while.
      if (working) { working.textContent = working.dataset.working; return; }
      setTimeout(function () { if (button) { button.disabled = false; } }, 8000);
    });
  });

  // Back in history a page may come out of the browser's memory as it was left: at work.
  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) { return; }
    document.querySelectorAll("[aria-busy]").forEach(function (button) { button.disabled = false; button.removeAttribute("aria-busy"); });
    document.querySelectorAll("[data-working]").forEach(function (sign) { sign.textContent = ""; });
  });

  // Files that the server would cut off are refused here, with everything typed still in place.
  document.querySelectorAll("form[data-most]").forEach(function (form) {
    var boxes = form.querySelectorAll("input[type=file]");
    function refuse() {
      var filled = Array.prototype.filter.call(boxes, function (box) { return box.files.length; });
      var bytes = filled.reduce(function (sum, box) { return Array.prototype.reduce.call(box.files, function (n, file) { return n + file.size; }, sum); }, 0);
      boxes.forEach(function (box) { box.setCustomValidity(""); });
      if (bytes <= Number(form.dataset.most)) { return false; }
      filled[filled.length - 1].setCustomValidity(form.dataset.tooLarge);
      filled[filled.length - 1].reportValidity();
      return true;
    }
    form.addEventListener("change", function (event) { if (event.target.type === "file") { refuse(); } });
    // First of the listeners, and also where the form leaves other checks to the server (novalidate).
    form.addEventListener("submit", function (event) { if (refuse()) { event.preventDefault(); event.stopImmediatePropagation(); } }, true);
  });

  // Bulk actions appear with a selection.
  document.querySelectorAll("[data-bulk]").forEach(function (box) {
    var form = document.getElementById(box.dataset.bulk) || box.closest("form");
    function count() {
      var n = form.querySelectorAll("input[type=checkbox][data-pick]:checked").length;
      box.hidden = n === 0;
      box.querySelectorAll("[data-picked]").forEach(function (e) { e.textContent = n; });
    }
    form.addEventListener("change", count);
    var all = form.querySelector("[data-pick-all]");
    if (all) { all.closest("label").hidden = false; all.addEventListener("change", function () { form.querySelectorAll("[data-pick]").forEach(function (e) { e.checked = all.checked; }); count(); }); }
    count();
  });

  // A filter is applied when it is chosen.
  document.querySelectorAll("form.filters select").forEach(function (e) {
    e.addEventListener("change", function () { e.form.requestSubmit(); });
  });

  // Menus close on Escape and on a click elsewhere.
  document.addEventListener("click", function (event) {
    document.querySelectorAll("details.menu[open]").forEach(function (d) { if (!d.contains(event.target)) { d.open = false; } });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") { document.querySelectorAll("details.menu[open]").forEach(function (d) { d.open = false; d.querySelector("summary").focus(); }); }
  });
})();
