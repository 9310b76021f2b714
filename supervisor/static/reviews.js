// Keys in the review queue: j and k move, a chooses, r opens the return, Enter opens. Everything works without them.
(function () {
  "use strict";
  var rows = Array.prototype.slice.call(document.querySelectorAll("tr[data-review]"));
  function busy(event) { return event.ctrlKey || event.metaKey || event.altKey || (event.target.matches("input:not([type=checkbox]), select, textarea")); }
  document.addEventListener("keydown", function (event) {
    if (busy(event)) { return; }
    var at = rows.findIndex(function (row) { return row === document.activeElement || row.contains(document.activeElement); });
    if (event.key === "j" || event.key === "k") {
      if (!rows.length) { return; }
      var to = event.key === "j" ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0);
      rows[to].focus(); rows[to].scrollIntoView({ block: "nearest" });
      event.preventDefault();
    } else if (event.key === "a" && at >= 0) {
      var box = rows[at].querySelector("[data-pick]");
      if (box) { box.checked = !box.checked; box.dispatchEvent(new Event("change", { bubbles: true })); event.preventDefault(); }
    } else if (event.key === "r" && at >= 0) {
      window.location.href = rows[at].dataset.href + "#return";
    } else if (!rows.length && (event.key === "a" || event.key === "r")) {
      var field = document.getElementById(event.key === "a" ? "mark" : "note");
      if (field) { field.focus(); event.preventDefault(); }
    }
  });
  document.querySelectorAll("[data-pick-report]").forEach(function (all) {
    all.addEventListener("change", function (event) {
      all.closest("table").querySelectorAll("[data-pick]").forEach(function (box) { box.checked = all.checked; });
      all.form.dispatchEvent(new Event("change"));
      event.stopPropagation();
    });
  });
})();
