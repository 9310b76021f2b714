// The review page by keyboard: item and clause light each other, questions are answered with digits, forms are
// fetched where they are needed. Without this, plain links lead both ways and every button still works.
(function () {
  "use strict";
  var source = document.querySelector(".source"), draft = document.querySelector(".draft");
  if (!source || !draft) { return; }
  var calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  var base = location.pathname.replace(/\/$/, ""), memory = "review:" + base;
  function all(selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); }
  function shown(e) { return e.getClientRects().length > 0; }

  // Both sides light together. Only the source moves by itself, never the page under the hand.
  function clear() { all(".lit").forEach(function (e) { e.classList.remove("lit"); }); }
  function light(item, moveSource) {
    clear();
    item.classList.add("lit");
    var lines = all('[data-items~="' + item.id + '"]', source);
    if (!lines.length && item.dataset.line) { lines = [document.getElementById("L" + item.dataset.line)].filter(Boolean); }
    lines.forEach(function (line) { line.classList.add("lit"); });
    if (lines.length && moveSource !== false) { source.scrollTo({ top: lines[0].offsetTop - source.clientHeight / 3, behavior: calm }); }
  }
  function itemOf(e) { return e && e.closest ? e.closest(".item[id], tr[id][data-line]") : null; }
  function current() { return itemOf(document.activeElement) || draft.querySelector(".item.lit, tr.lit"); }
  function go(item) {
    if (!item) { return; }
    for (var d = item.closest("details:not([open])"); d; d = item.closest("details:not([open])")) { d.open = true; }
    if (!item.hasAttribute("tabindex")) { item.tabIndex = -1; }
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "center", behavior: calm });
    var owner = itemOf(item);
    if (owner) { light(owner); }
  }
  draft.addEventListener("focusin", function (event) { var item = itemOf(event.target); if (item && !item.classList.contains("lit")) { light(item); } });
  draft.addEventListener("click", function (event) {
    var item = itemOf(event.target), to = event.target.closest("a.line");
    if (to) { event.preventDefault(); if (item) { light(item); } return; }
    if (item && !event.target.closest("a, button, input, select, textarea, label, summary")) { light(item); }
  });
  source.addEventListener("click", function (event) {
    if (window.getSelection && String(window.getSelection())) { return; }
    var line = event.target.closest("li[data-items]"), link = event.target.closest("a");
    if (!line) { return; }
    event.preventDefault();
    var id = link ? link.hash.slice(1) : line.dataset.items.split(" ")[0], item = document.getElementById(id);
    if (item) { light(item, false); item.scrollIntoView({ block: "center", behavior: calm }); item.focus({ preventScroll: true }); line.classList.add("lit"); }
  });

  // Forms are fetched one at a time; what was typed in another stays until it is closed.
  function hostOf(anchor) { return document.getElementById(anchor.replace(/^split-/, "task-")); }
  function close(host) {
    all(".slot", host).forEach(function (slot) { slot.remove(); });
    if (host.nextElementSibling && host.nextElementSibling.matches(".slot-row")) { host.nextElementSibling.remove(); }
  }
  var coming = false;  // a form is on its way: what is typed meanwhile is meant for it, not for the page
  function open(anchor, then) {
    var host = hostOf(anchor);
    if (!host || coming) { return; }
    coming = true;
    fetch(base + "/forms/" + encodeURIComponent(anchor), { credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok || answer.redirected) { throw new Error("no form"); }
      return answer.text();
    }).then(function (html) {
      close(host);
      var slot = document.createElement("div");
      slot.className = "slot";
      slot.innerHTML = html;
      if (host.matches("tr")) {
        var row = document.createElement("tr"), cell = row.insertCell();
        row.className = "slot-row"; cell.colSpan = host.cells.length; cell.append(slot); host.after(row);
      } else { host.append(slot); }
      light(host);
      var first = slot.querySelector(then || "input:not([type=hidden]):not([type=checkbox]):not([type=radio]), textarea, input[type=radio]");
      if (first) { first.focus({ preventScroll: true }); }
      slot.scrollIntoView({ block: "nearest", behavior: calm });
    }).catch(function () { location.href = base + "?open=" + anchor + "#" + host.id; }).then(function () { coming = false; });
  }
  document.addEventListener("click", function (event) {
    var opener = event.target.closest("[data-open]"), closer = event.target.closest("[data-close]");
    if (event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    if (opener) { event.preventDefault(); open(opener.dataset.open); }
    if (closer) {
      var row = closer.closest(".slot-row"), host = row ? row.previousElementSibling : itemOf(closer);
      event.preventDefault();
      if (host) { close(host); go(host); }
    }
  });

  // Questions: one after the other.
  function asks() { return all(".ask").filter(shown); }
  function step(by) {
    var list = asks(), here = document.activeElement && document.activeElement.closest(".ask"), at = list.indexOf(here);
    if (!list.length) { return; }
    if (at < 0) {
      var item = current(), after = list.filter(function (ask) { return !item || (item.compareDocumentPosition(ask) & Node.DOCUMENT_POSITION_FOLLOWING); });
      go(by < 0 ? list[Math.max(list.length - after.length - 1, 0)] : after[0] || list[0]);
      return;
    }
    go(list[(at + by + list.length) % list.length]);
  }
  all("[data-step]").forEach(function (link) {
    link.addEventListener("click", function (event) { event.preventDefault(); step(Number(link.dataset.step) || 1); });
  });
  all(".ask-nav a").forEach(function (link) {
    link.addEventListener("click", function (event) {
      var ask = document.getElementById(link.hash.slice(1));
      if (ask) { event.preventDefault(); go(ask); }  // else it stands on another part of a long ledger
    });
  });
  function choose(number) {
    var item = current(), ask = document.activeElement.closest(".ask") || (item && item.querySelector(".ask"));
    // With clauses ticked, the answer is meant for all of them.
    if (item && /^clause-/.test(item.id) && all('input[name="clause"]').some(function (box) { return box.checked; })) { ask = document.getElementById("clauses-many"); }
    var choice = ask && all(".choices > button, .choices > a", ask)[number - 1];
    if (choice) { choice.click(); }
    return Boolean(choice);
  }

  // What is ticked or typed in one form stays while another is sent: the page comes back with it.
  function isBox(field) { return field.type === "checkbox" || field.type === "radio"; }
  function fields() { return all("input[name]:not([type=hidden]):not([type=file]), textarea[name]", draft).filter(function (f) { return f.form; }); }
  function nameOf(field) { return [field.form.getAttribute("action"), field.name, isBox(field) ? field.value : ""].join("|"); }
  function unsaved(sent) {
    var kept = {};
    fields().forEach(function (f) {
      if (f.form === sent) { return; }
      if (isBox(f) ? f.checked !== f.defaultChecked : f.value !== f.defaultValue) { kept[nameOf(f)] = isBox(f) ? f.checked : f.value; }
    });
    return kept;
  }
  function giveBack(kept) {
    fields().forEach(function (f) {
      if (kept && Object.prototype.hasOwnProperty.call(kept, nameOf(f))) { if (isBox(f)) { f.checked = kept[nameOf(f)]; } else { f.value = kept[nameOf(f)]; } }
    });
  }

  // Every correction comes back to the place where it was made; an answered question leads to the next one.
  document.addEventListener("submit", function (event) {
    var by = event.submitter, ask = by && by.closest(".ask");
    try {
      sessionStorage.setItem(memory, JSON.stringify({ y: window.scrollY, top: source.scrollTop, ask: ask ? asks().indexOf(ask) : -1, item: by && itemOf(by) ? itemOf(by).id : "", fields: unsaved(event.target) }));
    } catch (error) { /* no store: the page opens at its anchor */ }
  });
  function restore() {
    var kept = null;
    try { kept = JSON.parse(sessionStorage.getItem(memory) || "null"); sessionStorage.removeItem(memory); } catch (error) { /* as if nothing were kept */ }
    var here = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (kept) { source.scrollTop = kept.top; window.scrollTo(0, kept.y); giveBack(kept.fields); count(); }
    var list = asks();
    if (kept && kept.ask >= 0 && list.length) { go(list[Math.min(kept.ask, list.length - 1)]); return; }
    if (kept && kept.item && document.getElementById(kept.item)) { here = document.getElementById(kept.item); }
    if (here && itemOf(here)) { light(itemOf(here)); here.focus({ preventScroll: Boolean(kept) }); if (!kept) { here.scrollIntoView({ block: "center" }); } }
    var wrong = document.querySelector(".slot .mistakes");
    if (wrong) { wrong.focus(); }
  }
  // The browser itself goes to the address's anchor while the page loads: what was kept comes after that.
  if (document.readyState === "complete") { restore(); } else { window.addEventListener("load", function () { setTimeout(restore, 0); }); }

  // Choosing several.
  var picks = all('input[name="task"][form="many"]');
  function count() { var any = picks.some(function (box) { return box.checked; }); all("[data-many]").forEach(function (button) { button.hidden = !any; }); }
  picks.forEach(function (box) { box.addEventListener("change", count); });
  count();
  all("[data-tick-all]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { all('input[name="' + button.dataset.tickAll + '"]').forEach(function (box) { box.checked = true; }); });
  });

  // Keys.
  var keys = document.getElementById("keys");
  function press(selector, within) { var e = (within || document).querySelector(selector); if (e && !e.disabled) { e.click(); } return Boolean(e); }
  function walk(by) {
    var list = all(".item[id], tr[id][data-line]", draft).filter(shown), item = current(), at = list.indexOf(item);
    go(list[Math.min(Math.max(at < 0 ? 0 : at + by, 0), list.length - 1)]);
  }
  function other() {
    var line = document.activeElement.closest(".source li"), item = current();
    if (line) { var to = document.getElementById((line.dataset.items || "").split(" ")[0]); if (to) { go(to); } return; }
    var lit = source.querySelector("li.lit");
    if (item && lit) { lit.tabIndex = -1; lit.focus({ preventScroll: true }); }
  }
  function handle(event) {
    var item = current(), id = item ? item.id : "";
    switch (event.key) {
      case "j": walk(1); return true;
      case "k": walk(-1); return true;
      case "n": step(1); return true;
      case "p": step(-1); return true;
      case "a": return item ? press('button[value^=\'["accept"\']', item) : false;
      case "e": return item ? press("[data-open]", item.querySelector(".item-acts, td:last-child") || item) : false;
      case "Enter": return document.activeElement === item && item ? press("[data-open]", item.querySelector(".item-acts, td:last-child") || item) : false;
      case "r": if (/^task-\d/.test(id)) { open(id, ".roles button"); return true; } return false;
      case "s": if (/^task-\d/.test(id)) { open(id.replace("task-", "split-")); return true; } return false;
      case "d": if (id) { open(id, 'input[name="reason"]'); return true; } return false;
      case "x": return item ? press('input[type="checkbox"][name="task"], input[type="checkbox"][name="duty"], input[type="checkbox"][name="clause"]', item) : false;
      case "X": return press(item && /^duty-/.test(id) ? '[data-tick-all="duty"]' : '[data-tick-all="clause"]');
      case "m": return press("[data-many]:not([hidden])");
      case "l": go(document.getElementById("name-0")); return true;
      case "c": other(); return true;
      case "u": return press("[data-undo]");
      case "U": return press("[data-redo]");
      case "?": if (keys && keys.showModal) { keys.showModal(); return true; } return false;
      case "Escape": if (item && item.querySelector(".slot")) { close(item); go(item); return true; } return false;
      default: return /^[1-9]$/.test(event.key) ? choose(Number(event.key)) : false;
    }
  }
  document.addEventListener("keydown", function (event) {
    var typing = event.target.matches("textarea, select, input:not([type=checkbox]):not([type=radio])");
    if (event.ctrlKey || event.metaKey || event.altKey || (keys && keys.open)) { return; }
    if (typing && event.key !== "Escape") { return; }
    if (coming) { event.preventDefault(); return; }
    if (handle(event)) { event.preventDefault(); }
  });
  all("[data-keys]").forEach(function (link) {
    link.addEventListener("click", function (event) { if (keys && keys.showModal) { event.preventDefault(); keys.showModal(); } });
  });
  all("[data-keys-close]").forEach(function (button) { button.addEventListener("click", function () { keys.close(); }); });
})();
