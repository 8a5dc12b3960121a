"use strict";
// Moments in the time of the reader, and a glance at users and computers beside their names.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const kept = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const keep = (key, value) => { try { localStorage.setItem(key, value); } catch { /* a private window */ } };

  // Moments. Pages are in UTC; a switch shows them all in local time, and each tells both.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "local time";
  const two = (n) => String(n).padStart(2, "0");
  const day = (d) => `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
  const clock = (d) => `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
  const units = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const ago = (date) => {
    const seconds = (date - Date.now()) / 1000;
    const [unit, size] = units.find(([, size]) => size <= Math.abs(seconds)) || units.at(-1);
    return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.round(seconds / size), unit);
  };
  let isLocal = kept("zone") === "local";
  const show = (time) => {
    const date = new Date(time.dateTime);
    if (Number.isNaN(date.getTime())) return;
    time.dataset.utc ??= time.textContent;
    const isLong = /^\d{4}-/.test(time.dataset.utc);
    time.textContent = isLocal ? (isLong ? `${day(date)} ` : "") + clock(date) : time.dataset.utc;
  };
  const tell = (time) => {
    const date = new Date(time.dateTime);
    if (Number.isNaN(date.getTime())) return "";
    return `${ago(date)}\n${day(date)} ${clock(date)} ${zone}\n${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
  };
  const toggle = document.querySelector("[data-zone]");
  const paint = () => {
    all("time[datetime]").forEach(show);
    if (!toggle) return;
    toggle.hidden = zone === "UTC";
    toggle.textContent = isLocal ? "Show UTC" : `Show ${zone}`;
    document.querySelector("[data-zone-words]").textContent = isLocal ? `Times are ${zone}; days and filters are UTC.` : "All times are UTC.";
  };
  const change = () => { isLocal = !isLocal; keep("zone", isLocal ? "local" : "utc"); paint(); };
  toggle?.addEventListener("click", change);
  let goes = false;
  document.addEventListener("keydown", (event) => {
    if (event.key === "u" && !goes && !event.ctrlKey && !event.metaKey && !event.altKey && !document.querySelector("dialog[open]") && !event.target.matches("input:not([type=checkbox]), select, textarea")) change();
    goes = event.key === "g";
  });
  if (isLocal || toggle) paint();
  document.addEventListener("mouseover", (event) => {
    const time = event.target.closest?.("time[datetime]");
    if (time) time.title = tell(time);
  });
  document.addEventListener("focusin", (event) => {
    const time = event.target.querySelector?.(":scope > time[datetime]");
    if (time) event.target.title = tell(time);
  });

  // A glance: pointed at with a mouse or focused by keys; Esc takes it away, and no touch brings it.
  const card = document.createElement("div");
  card.className = "glance";
  card.id = "glance";
  card.setAttribute("role", "tooltip");
  card.hidden = true;
  document.body.append(card);
  const known = new Map();
  let wanted = null;
  let pause = 0;
  const of = (target) => {
    const link = target.closest?.("main a[href^='/users/'], main a[href^='/computers/']");
    return link && link.pathname !== location.pathname ? link : null;
  };
  const hide = () => {
    clearTimeout(pause);
    wanted?.removeAttribute("aria-describedby");
    wanted = null;
    card.hidden = true;
  };
  const place = (link) => {
    const at = link.getClientRects()[0];
    if (!at) return hide();
    card.hidden = false;
    const { width, height } = card.getBoundingClientRect();
    card.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
    card.style.top = `${at.bottom + height + 12 < innerHeight ? at.bottom + 6 : Math.max(8, at.top - height - 6)}px`;
    link.setAttribute("aria-describedby", card.id);
  };
  const ask = async (link) => {
    const path = `/cards${link.pathname}`;
    if (!known.has(path)) {
      const answer = await fetch(path).catch(() => null);
      known.set(path, answer?.ok && !answer.redirected ? await answer.text() : "");
    }
    if (wanted !== link || !known.get(path)) return;
    card.innerHTML = known.get(path);
    all("time[datetime]", card).forEach(show);
    place(link);
  };
  const soon = (link) => {
    if (link === wanted) { clearTimeout(pause); return; }
    hide();
    wanted = link;
    pause = setTimeout(() => ask(link), 350);
  };
  const later = () => { clearTimeout(pause); pause = setTimeout(hide, 200); };
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    if (card.contains(event.target)) { clearTimeout(pause); return; }
    const link = of(event.target);
    if (link) soon(link);
    else if (wanted && wanted !== document.activeElement) later();
  });
  document.addEventListener("focusin", (event) => {
    const link = event.target.matches(":focus-visible") ? of(event.target) : null;
    if (link) soon(link); else hide();
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  addEventListener("scroll", () => { if (!card.hidden) hide(); }, { passive: true });
})();
