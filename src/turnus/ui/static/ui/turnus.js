// Turnus workbench: keyboard, dialogs, theme. Every page works without it; this makes it quick.
(function () {
  "use strict";
  const $ = (selector, root) => (root || document).querySelector(selector);
  const $$ = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const typing = (element) => element.closest("input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable]");

  // ---- rows: j and k move, Enter opens, a click anywhere in a row opens it ----
  const rows = () => $$("tr[data-href]");
  function move(step) {
    const all = rows();
    if (!all.length) return;
    const now = all.findIndex((row) => row.classList.contains("on"));
    const next = Math.min(all.length - 1, Math.max(0, now < 0 ? (step > 0 ? 0 : all.length - 1) : now + step));
    all.forEach((row) => { row.classList.remove("on"); row.removeAttribute("aria-selected"); });
    all[next].classList.add("on");
    all[next].setAttribute("aria-selected", "true");
    all[next].scrollIntoView({ block: "nearest" });
  }
  const open = (row) => { window.location.href = row.dataset.href; };

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) { $("#" + opener.dataset.dialog)?.showModal(); return; }
    const closer = event.target.closest("[data-close]");
    if (closer) { closer.closest("dialog, .toast")?.[closer.closest("dialog") ? "close" : "remove"](); return; }
    const theme = event.target.closest("[data-theme-set]");
    if (theme) { setTheme(theme.dataset.themeSet); return; }
    $$("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    const row = event.target.closest("tr[data-href]");
    if (row && !event.target.closest("a, button, input, select, label, summary") && !String(window.getSelection())) open(row);
  });

  // ---- selecting all rows of a list ----
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.matches("[data-check-all]")) {
      $$("input[name='" + box.dataset.checkAll + "']", box.closest("form, table")).forEach((one) => { one.checked = box.checked; });
    }
    if (box.matches("[data-submit]")) box.form.requestSubmit();
  });

  // ---- theme: automatic, light or dark; a cookie lets the server draw it without a flash ----
  function setTheme(name) {
    document.cookie = "turnus_theme=" + name + ";path=/;max-age=31536000;samesite=lax";
    if (name === "auto") document.documentElement.removeAttribute("data-theme");
    else document.documentElement.setAttribute("data-theme", name);
  }

  // ---- search suggestions with the arrow keys ----
  function suggest(step) {
    const links = $$(".search-results a");
    if (!links.length) return false;
    const now = links.findIndex((link) => link.classList.contains("on"));
    links.forEach((link) => link.classList.remove("on"));
    const next = (now + step + links.length) % links.length;
    links[now < 0 && step < 0 ? links.length - 1 : next].classList.add("on");
    return true;
  }
  function inSearch(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (suggest(event.key === "ArrowDown" ? 1 : -1)) event.preventDefault();
    } else if (event.key === "Enter") {
      const link = $(".search-results a.on");
      if (link) { event.preventDefault(); window.location.href = link.href; }
    } else if (event.key === "Escape") {
      $(".search-results").replaceChildren();
      event.target.blur();
    }
  }

  // ---- keys ----
  let pendingGo = 0;
  const actions = {
    "/": () => $("#search")?.focus(),
    f: () => $(".filters input, .filters select")?.focus(),
    "?": () => $("#keys")?.showModal(),
    j: () => move(1),
    k: () => move(-1),
    n: () => $("a[rel=next]")?.click(),
    p: () => $("a[rel=prev]")?.click(),
    e: () => $("[data-key=e]")?.click(),
    x: () => { const box = $("tr.on input[type=checkbox]"); if (box) box.checked = !box.checked; },
    g: () => { pendingGo = Date.now(); },
    Enter: () => { const row = $("tr.on"); if (row) open(row); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.id === "search") { inSearch(event); return; }
    if (typing(event.target) || $("dialog[open]")) {
      if (event.key === "Escape" && typing(event.target)) event.target.blur();
      return;
    }
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    if (pendingGo && Date.now() - pendingGo < 1500 && event.key !== "g") {
      pendingGo = 0;
      const target = $(".nav a[data-go='" + event.key + "']");
      if (target) { event.preventDefault(); target.click(); return; }
    }
    const action = actions[event.key];
    if (action) { event.preventDefault(); action(); }
  });

  // ---- a form that changes something is sent once ----
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    window.setTimeout(() => { delete form.dataset.sent; }, 4000);
  });
  window.addEventListener("pageshow", () => $$("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));

  // A field with an error, or the first field of an entry form, takes the focus.
  const first = $("[aria-invalid=true]") || $("form[data-focus] input:not([type=hidden]), form[data-focus] select");
  if (first) first.focus();
})();
