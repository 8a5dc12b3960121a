"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  root.classList.add("scripted");

  one(".bar nav [aria-current=page]")?.scrollIntoView({ inline: "nearest", block: "nearest" });

  // Tables whose heads sort the rows that are shown.
  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.sort === undefined ? cell.textContent.trim() : Number(cell.dataset.sort);
  };
  const order = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
  const sort = (table, head) => {
    const sign = head.getAttribute("aria-sort") === "descending" ? 1 : -1;
    for (const other of all("th[aria-sort]", table.tHead)) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => sign * order(key(a, head.cellIndex), key(b, head.cellIndex)));
    table.tBodies[0].append(...rows);
  };
  for (const head of all("table.sortable thead th")) {
    if (head.hasAttribute("data-fixed")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sort(head.closest("table"), head));
    head.replaceChildren(button);
    if (!head.hasAttribute("aria-sort")) head.setAttribute("aria-sort", "none");
  }

  // How many alerts are new or changed since the page was made.
  const news = one("[data-live]");
  if (news && window.EventSource) {
    const source = new EventSource(news.dataset.live);
    const title = document.title;
    source.addEventListener("alerts", (event) => {
      const count = Number(event.data);
      news.hidden = count === 0;
      news.firstElementChild.textContent = count === 1 ? "1 alert is new or changed. Show it" : `${count} alerts are new or changed. Show them`;
      document.title = count === 0 ? title : `(${count}) ${title}`;
    });
    addEventListener("pagehide", () => source.close());
  }

  // How many alerts are chosen.
  const bulk = one("#bulk");
  const boxes = all("input[name=alert][type=checkbox]");
  const tell = () => {
    if (!bulk || !boxes.length) return;
    const chosen = boxes.filter((it) => it.checked).length;
    bulk.hidden = chosen === 0;
    one("[data-chosen]").textContent = chosen === 1 ? "1 alert:" : `${chosen} alerts:`;
  };
  boxes.forEach((it) => it.addEventListener("change", tell));
  for (const whole of all("[data-all]")) whole.addEventListener("change", () => {
    const within = whole.closest(".incident");
    within.querySelector("details").open ||= whole.checked;
    all("input[name=alert]", within).forEach((it) => { it.checked = whole.checked; });
    tell();
  });
  tell();

  // What was said once is not said again on a reload from the cache.
  addEventListener("pageshow", (event) => { if (event.persisted) all(".said").forEach((it) => it.remove()); });
  document.addEventListener("click", (event) => {
    for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  for (const button of all("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = "Copied";
    });
  }
  for (const form of all("form[data-sure]")) {
    form.addEventListener("submit", (event) => { if (!confirm(form.dataset.sure)) event.preventDefault(); });
  }

  // Captures that are dropped or chosen are sent, and their page opened.
  const zone = one("[data-drop]");
  const send = (files) => {
    const sending = zone.querySelector("[data-sending]");
    const [bar, state] = [sending.querySelector("progress"), sending.querySelector("[role=status]")];
    const fail = (text) => { bar.hidden = true; state.textContent = text; zone.classList.remove("busy"); zone.querySelector("button").disabled = false; };
    sending.hidden = false;
    const octets = [...files].reduce((sum, it) => sum + it.size, 0);
    if (octets > Number(zone.dataset.drop)) { fail("This is more than is taken at once."); return; }
    const form = new FormData();
    form.append("csrf", zone.querySelector("[name=csrf]").value);
    for (const file of files) form.append("capture", file, file.name);
    const request = new XMLHttpRequest();
    const what = files.length === 1 ? files[0].name : `${files.length} files`;
    const say = (share) => { bar.hidden = false; bar.value = share; state.textContent = share < 100 ? `Sending ${what}: ${share} %` : `Sent ${what}`; };
    request.upload.addEventListener("progress", (event) => say(Math.floor(100 * event.loaded / event.total)));
    request.addEventListener("error", () => fail("The connection broke off before all was sent. Try again."));
    request.addEventListener("load", () => {
      if (request.status === 200) { location.href = request.responseURL; return; }
      const why = new DOMParser().parseFromString(request.responseText, "text/html").querySelector("main p");
      fail(why ? why.textContent : `The server answered ${request.status}.`);
    });
    request.open("POST", zone.action);
    zone.classList.add("busy");
    zone.querySelector("button").disabled = true;
    say(0);
    request.send(form);
  };
  if (zone) {
    zone.addEventListener("submit", (event) => { event.preventDefault(); send(zone.querySelector("[type=file]").files); });
    for (const kind of ["dragover", "dragleave", "drop"]) document.addEventListener(kind, (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      zone.classList.toggle("over", kind === "dragover");
      if (kind === "drop" && event.dataTransfer.files.length && !zone.classList.contains("busy")) send(event.dataTransfer.files);
    });
  }
  // What is still going on tells how far it is, and the page is made anew when it is done.
  const poll = async () => {
    const answer = await fetch(location.href).catch(() => null);
    const page = answer && answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
    const there = page?.querySelector("[data-poll]");
    if (page && !there) { location.reload(); return; }
    if (there) one("[data-poll]").textContent = there.textContent;
    setTimeout(poll, 1000);
  };
  if (one("[data-poll]")) setTimeout(poll, 500);

  // Search over the page.
  const places = [["Timeline", "/"], ["Users", "/users"], ["Computers", "/computers"], ["Groups", "/groups"], ["Activities", "/activities"], ["Health", "/health"], ["Analyse a capture", "/captures"], ["Settings", "/settings"], ["Sensors", "/settings/sensors"], ["Exclusions", "/settings/exclusions"], ["Sensitive accounts and honeytokens", "/settings/tags"], ["Outputs", "/settings/outputs"], ["Accounts", "/settings/accounts"], ["Audit log", "/settings/audit"], ["Help and keys", "/help"]];
  const href = (hit) => ({ account: "/users/", computer: "/computers/", alert: "/alerts/", activity: "/activities/" })[hit.kind] + encodeURIComponent(hit.key);
  const recent = () => { try { return JSON.parse(localStorage.getItem("recent")) || []; } catch { return []; } };
  const palette = document.createElement("dialog");
  palette.className = "palette";
  palette.setAttribute("aria-label", "Search");
  palette.innerHTML = '<input type="search" role="combobox" aria-expanded="true" aria-controls="hits" aria-label="Search users, computers, addresses, alerts and pages" placeholder="Users, computers, addresses, alerts, pages" autocomplete="off" spellcheck="false"><ul id="hits" role="listbox" aria-label="Found"></ul><p>↑ ↓ to move, Enter to open, Esc to close</p>';
  document.body.append(palette);
  const [input, list] = palette.children;
  let chosen = 0;
  const choose = (index) => {
    const items = all("[role=option]", list);
    chosen = items.length ? (index + items.length) % items.length : 0;
    items.forEach((it, place) => it.setAttribute("aria-selected", String(place === chosen)));
    if (items[chosen]) { items[chosen].scrollIntoView({ block: "nearest" }); input.setAttribute("aria-activedescendant", items[chosen].id); }
  };
  const show = (items) => {
    list.replaceChildren(...items.map(([kind, text, to], index) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      const label = document.createElement("span");
      item.setAttribute("role", "none");
      link.id = `hit-${index}`;
      link.setAttribute("role", "option");
      link.href = to;
      link.tabIndex = -1;
      label.className = "soft";
      label.textContent = kind;
      link.append(label, text);
      link.addEventListener("click", () => {
        const kept = [[kind, text, to], ...recent().filter((it) => it[2] !== to)].slice(0, 6);
        try { localStorage.setItem("recent", JSON.stringify(kept)); } catch { /* a private window */ }
      });
      item.append(link);
      return item;
    }));
    choose(0);
  };
  let asked = 0;
  const search = async () => {
    const text = input.value.trim();
    const mine = ++asked;
    const pages = places.filter(([name]) => name.toLowerCase().includes(text.toLowerCase())).map(([name, to]) => ["page", name, to]);
    if (!text) { show([...recent(), ...pages]); return; }
    const answer = await fetch(`/api/v1/search?limit=6&text=${encodeURIComponent(text)}`).catch(() => null);
    const found = answer && answer.ok ? (await answer.json()).hits : [];
    if (mine !== asked) return;
    show([...found.map((hit) => [hit.kind === "account" ? "user" : hit.kind, hit.title, href(hit)]), ...pages, ["search", `Everything with “${text}”`, `/search?text=${encodeURIComponent(text)}`]]);
  };
  const open = () => { input.value = ""; palette.showModal(); search(); };
  let pause = 0;
  input.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(search, 120); });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); choose(chosen + (event.key === "ArrowDown" ? 1 : -1)); }
    if (event.key === "Enter") { event.preventDefault(); list.children[chosen]?.firstElementChild.click(); }
  });
  palette.addEventListener("click", (event) => { if (event.target === palette) palette.close(); });

  // Keys. None works while somebody types, and none with Ctrl, Alt or Meta but the search.
  const rows = () => all("[data-row]").filter((it) => it.checkVisibility?.() ?? true);
  let at = -1;
  const move = (step) => {
    const list = rows();
    if (!list.length) return;
    at = Math.min(Math.max(at + step, 0), list.length - 1);
    list.forEach((it, place) => it.classList.toggle("current", place === at));
    list[at].querySelector("a")?.focus({ preventScroll: true });
    list[at].scrollIntoView({ block: "center" });
  };
  const toggle = () => rows()[at]?.querySelector("input[type=checkbox]")?.click();
  const fold = () => { const it = rows()[at]?.closest(".incident")?.querySelector("details"); if (it) it.open = !it.open; };
  const focus = (selector) => { const it = one(selector); if (it) { it.closest("details")?.setAttribute("open", ""); it.focus(); it.scrollIntoView({ block: "center" }); } };
  const follow = (selector) => one(selector)?.click();
  const dark = () => {
    const is = root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    follow(`.themes button[value=${is === "dark" ? "light" : "dark"}]`);
  };
  const keys = {
    "?": () => { location.href = "/help"; }, "/": () => focus(one("[data-filter]") ? "[data-filter]" : "#find"), o: fold, j: () => move(1), k: () => move(-1), x: toggle,
    e: () => focus("[data-verdict], #bulk:not([hidden]) select"), c: () => focus("[data-comment], #bulk:not([hidden]) [name=comment]"), p: () => follow("[data-pcap]"),
    m: dark, r: () => follow("[data-live]:not([hidden]) a"), "[": () => follow("a[rel=prev]"), "]": () => follow("a[rel=next]"),
  };
  const going = { t: "/", a: "/", u: "/users", c: "/computers", l: "/activities", h: "/health", d: "/captures", s: "/settings" };
  let goes = false;
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); open(); return; }
    if (event.key === "Escape") { all("details.menu[open]").forEach((it) => { it.open = false; it.firstElementChild.focus(); }); if (event.target.matches("input, select, textarea")) event.target.blur(); }
    if (event.ctrlKey || event.metaKey || event.altKey || palette.open || event.target.matches("input:not([type=checkbox]), select, textarea")) return;
    const action = goes && going[event.key] ? () => { location.href = going[event.key]; } : keys[event.key];
    goes = event.key === "g";
    if (action) { event.preventDefault(); action(); }
  });
})();
