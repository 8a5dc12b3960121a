"use strict";
// What the walk asks of a page; the browser puts it into each, the server knows nothing of it.
globalThis.walk = (() => {
  const scope = () => document.querySelector("dialog[open]") ?? document;
  // What Tab must reach: whatever can be operated and is seen. Of radio buttons, one of each group.
  const stops = () =>
    [...scope().querySelectorAll("a[href], button, input, select, textarea, summary, iframe, [tabindex]")].filter((it) =>
      0 <= it.tabIndex && !it.disabled && it.type !== "hidden" && it.type !== "radio" && !it.closest("[inert]") &&
      it.checkVisibility({ visibilityProperty: true }));
  const look = (it) => [it, ...[...it.querySelectorAll("*")].slice(0, 8)].map((part) => {
    const style = getComputedStyle(part);
    const outline = style.outlineStyle === "none" ? "" : style.outlineStyle + style.outlineWidth + style.outlineColor;
    return [outline, style.boxShadow, style.borderColor, style.backgroundColor, style.stroke, style.strokeWidth].join();
  }).join(";");
  const name = (it) => {
    const text = it.getAttribute("aria-label") || it.textContent.trim() || it.labels?.[0]?.textContent.trim() || it.name || "";
    return `${it.localName} “${text.replace(/\s+/g, " ").slice(0, 60)}”`;
  };
  const place = (it) => {
    const link = it.closest("a");
    return link ? new URL(link.getAttribute("href"), location.href).href : "";
  };
  // Seen, in the window, and at one point at least covered by nothing else.
  const isInSight = (it) => {
    const inside = it.localName === "input" && it.labels?.length ? [it, ...it.labels] : [it];
    for (const box of it.getClientRects()) {
      for (const part of [[.5, .5], [.1, .5], [.9, .5], [.5, .15], [.5, .85]]) {
        const hit = document.elementFromPoint(box.left + box.width * part[0], box.top + box.height * part[1]);
        if (hit && inside.some((own) => own === hit || own.contains(hit) || hit.contains(own) && hit !== document.documentElement && hit !== document.body && hit.localName !== "main")) return true;
      }
    }
    return false;
  };
  let before = new Map();
  let seen = new Set();
  return {
    // Begins a round through everything that Tab reaches.
    begin() {
      // Tab goes on from where the focus was, which may be in the middle: to the beginning.
      const first = document.createElement("span");
      first.tabIndex = -1;
      (scope().body ?? scope()).prepend(first);
      first.focus();
      first.remove();
      before = new Map(stops().map((it) => [it, look(it)]));
      seen = new Set();
    },
    // What has the focus, and what is wrong with that; null when the round is over.
    stop() {
      const it = document.activeElement;
      if (!it || it === document.body || it === document.documentElement || seen.has(it)) return null;
      seen.add(it);
      const faults = [];
      if (!it.matches(":focus-visible")) faults.push("is not marked as having the focus");
      else if (before.has(it) && before.get(it) === look(it)) faults.push("looks the same with the focus as without");
      if (!isInSight(it)) faults.push("has the focus but is out of sight");
      return { name: name(it), place: place(it), faults };
    },
    // What the round did not come by.
    missed() { return stops().filter((it) => !seen.has(it)).map(name); },
    leads() { return document.activeElement ? place(document.activeElement) : ""; },
    // How far the page is wider than the window, in pixels.
    excess() { return document.documentElement.scrollWidth - document.documentElement.clientWidth; },
    // Waits until nothing moves and no colour turns any more.
    async rest() {
      await new Promise(requestAnimationFrame);
      const seen = document.getAnimations().filter((it) => it.effect?.target?.checkVisibility());
      // What never ends is not waited for.
      const enough = new Promise((go) => setTimeout(go, 500));
      await Promise.race([Promise.allSettled(seen.map((it) => it.finished)), enough]);
      return true;
    },
    // What is wider than the box it stands in, where nothing says that it may be.
    spilt() {
      return [...scope().querySelectorAll("main *, dialog *")].filter((it) => {
        const style = getComputedStyle(it);
        return it.clientWidth && it.clientWidth + 1 < it.scrollWidth && style.overflowX === "visible" && style.display !== "inline" &&
          style.position !== "absolute" && !it.closest("svg, [hidden]") && it.checkVisibility() &&
          ![...it.children].some((part) => part.clientWidth + 1 < part.scrollWidth);
      }).map(name);
    },
    async axe() {
      const found = await axe.run(document, { resultTypes: ["violations"], preload: false });
      return found.violations.filter((it) => ["serious", "critical"].includes(it.impact))
        .map((it) => `${it.id} (${it.impact}): ${it.nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary ?? ""}`).join("; ")}`);
    },
  };
})();
