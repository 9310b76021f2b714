// Item and line light each other. Without this the plain anchors still lead both ways.
(function () {
  "use strict";
  var source = document.querySelector(".source"), draft = document.querySelector(".draft");
  if (!source || !draft) { return; }
  var calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";

  function clear() { document.querySelectorAll(".lit").forEach(function (e) { e.classList.remove("lit"); }); }
  function toLine(number) {
    var line = document.getElementById("L" + number);
    if (!line) { return; }
    line.classList.add("lit");
    // Only the source moves, never the page under the hand.
    source.scrollTo({ top: line.offsetTop - source.clientHeight / 3, behavior: calm });
  }
  function light(item) { clear(); item.classList.add("lit"); if (item.dataset.line) { toLine(item.dataset.line); } }

  document.querySelectorAll("a.line").forEach(function (link) {
    link.addEventListener("click", function (event) {
      event.preventDefault();
      var item = link.closest("[data-line]") || link.parentElement.querySelector("[data-line]");
      clear();
      if (item) { item.classList.add("lit"); }
      toLine(link.hash.slice(2));
    });
  });
  draft.querySelectorAll("[data-line]").forEach(function (item) {
    item.addEventListener("click", function (event) { if (!event.target.closest("form, a")) { light(item); } });
    item.addEventListener("focusin", function (event) { if (event.target.matches("summary")) { light(item); } });
  });
  source.querySelectorAll("li[data-items]").forEach(function (line) {
    line.addEventListener("click", function (event) {
      if (window.getSelection && String(window.getSelection())) { return; }
      event.preventDefault();
      clear();
      line.classList.add("lit");
      line.dataset.items.split(" ").forEach(function (id, place) {
        var item = document.getElementById(id);
        if (!item) { return; }
        item.classList.add("lit");
        if (place === 0) { item.scrollIntoView({ block: "center", behavior: calm }); }
      });
    });
  });
  document.querySelectorAll("[data-tick-all]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      button.form.querySelectorAll("input[name=" + button.dataset.tickAll + "]").forEach(function (box) { box.checked = true; });
    });
  });
  // After saving, the page comes back to the item that was saved.
  var here = location.hash && document.getElementById(location.hash.slice(1));
  if (here && here.dataset.line) { light(here); here.scrollIntoView({ block: "center" }); }
})();
