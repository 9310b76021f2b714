// Keys of the inbox. Everything they do has a button; they rest while somebody types, and can be switched off.
(function () {
  "use strict";
  var form = document.querySelector("form[data-inbox]"), help = document.querySelector("[data-keys]");
  if (!help) { return; }
  var store = "inbox-keys-off", off = help.querySelector("[data-keys-off]");
  function isOff() { try { return localStorage.getItem(store) === "1"; } catch (error) { return false; } }
  help.hidden = false;
  off.checked = isOff();
  off.addEventListener("change", function () {
    try { if (off.checked) { localStorage.setItem(store, "1"); } else { localStorage.removeItem(store); } } catch (error) { /* a forbidden store: the keys stay as they are */ }
  });

  var rows = form ? Array.prototype.slice.call(form.querySelectorAll("tr.message")) : [];
  function current() { return rows.indexOf(document.activeElement && document.activeElement.closest("tr.message")); }
  function go(to) {
    if (!rows.length) { return; }
    var row = rows[Math.max(0, Math.min(rows.length - 1, to))];
    row.focus();
    row.scrollIntoView({ block: "nearest" });
  }
  function pick(row) { return row.querySelector("[data-pick]"); }
  function mark(how) {
    if (!form) { return; }
    var at = current();
    if (!form.querySelector("[data-pick]:checked")) {
      if (at < 0) { return; }
      pick(rows[at]).checked = true;
    }
    form.querySelector("button[name=do][value=" + how + "]").click();
  }
  // Nothing is in the way of typing, of the browser's own keys, or of a control that has the focus.
  function rests(event) {
    var on = event.target;
    return event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isOff() ||
      on.isContentEditable || /^(SELECT|TEXTAREA)$/.test(on.tagName) || (on.tagName === "INPUT" && on.type !== "checkbox");
  }
  document.addEventListener("keydown", function (event) {
    if (rests(event)) { return; }
    var at = current(), onRow = at >= 0 && document.activeElement === rows[at], key = event.key;
    if (key === "j" || (key === "ArrowDown" && at >= 0)) { go(at + 1); }
    else if (key === "k" || (key === "ArrowUp" && at >= 0)) { go(at - 1); }
    else if (key === "Enter" && onRow) { rows[at].querySelector("button[name=open]").click(); }
    else if (key === "x" && at >= 0) { pick(rows[at]).click(); }
    else if (key === "e" || key === "r") { mark("read"); }
    else if (key === "u") { mark("unread"); }
    else if (key === "?") { help.open = !help.open; if (help.open) { help.scrollIntoView({ block: "nearest" }); } }
    else { return; }
    event.preventDefault();
  });
  // After marking, go on where one was.
  var was = window.location.hash && document.querySelector("tr.message" + window.location.hash);
  if (was) { was.focus(); }
})();
