// Keeps the page up to date, and gives what is to be typed elsewhere a button that copies it.
// Everything works without it, by reloading.
"use strict";

(() => {
  const EVERY = 1000; // milliseconds
  const LOOKS = 3;
  const live = document.querySelector("[data-pulse]");
  let mark = live.dataset.mark;
  let paused = false;
  let waiting = false; // there is something new, and somebody is in the middle of the old
  let looks = 0; // how often to look again: what has begun may end a moment later
  const shown = new WeakMap(); // what each region was last sent as
  for (const region of document.querySelectorAll("[data-live]")) shown.set(region, region.innerHTML);

  const dot = document.createElement("span");
  const words = document.createElement("span");
  const news = document.createElement("span");
  const pause = document.createElement("button");
  dot.className = "dot";
  news.className = "unseen";
  news.setAttribute("role", "status");
  pause.type = "button";
  pause.className = "small";
  live.replaceChildren(dot, words, news, pause);

  function say(state, text) {
    live.dataset.state = state;
    if (words.textContent !== text) words.textContent = text;
    pause.textContent = paused ? "Go on" : "Pause";
  }

  // Somebody is there with the keyboard, or has marked something to copy it.
  function inUse(region) {
    const marked = document.getSelection();
    const isMarked = marked && !marked.isCollapsed && region.contains(marked.anchorNode);
    return isMarked || region.querySelector(":focus-visible") !== null;
  }

  function numbers(region) {
    return new Set(Array.from(region.querySelectorAll("[data-number]"), (row) => row.dataset.number));
  }

  function opened(region) {
    return new Set(Array.from(region.querySelectorAll("details[open] > summary"), (each) => each.textContent));
  }

  function put(region, fresh) {
    const known = numbers(region);
    const open = opened(region);
    let count = 0;
    for (const row of fresh.querySelectorAll("[data-number]")) {
      if (known.has(row.dataset.number)) continue;
      row.classList.add("fresh");
      count += 1;
    }
    for (const summary of fresh.querySelectorAll("summary")) {
      if (open.has(summary.textContent)) summary.parentElement.open = true;
    }
    region.replaceChildren(...fresh.childNodes);
    if (count) news.textContent = `${count} new`;
  }

  async function refresh() {
    const address = new URL(location.href);
    address.searchParams.delete("done");
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (!answer.ok) return true; // what was looked at is gone; the old page says more
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    let whole = true;
    for (const region of document.querySelectorAll("[data-live]")) {
      const fresh = page.querySelector(`[data-live="${region.dataset.live}"]`);
      const sent = fresh?.innerHTML;
      if (!fresh || sent === shown.get(region)) continue;
      if (inUse(region)) {
        whole = false;
      } else {
        put(region, fresh);
        shown.set(region, sent);
      }
    }
    return whole;
  }

  async function look() {
    const answer = await fetch(live.dataset.pulse);
    if (!answer.ok) throw new Error(String(answer.status));
    const pulse = await answer.json();
    for (const clock of document.querySelectorAll("[data-clock]")) {
      clock.textContent = pulse.time.slice(0, 19).replace("T", " ");
    }
    if (pulse.mark !== mark) looks = LOOKS;
    if (looks || waiting) {
      mark = pulse.mark;
      looks = Math.max(0, looks - 1);
      waiting = !(await refresh());
    }
    say(waiting ? "waiting" : "live", waiting ? "More to see" : "Live");
  }

  async function tick() {
    if (!paused && !document.hidden) {
      try {
        await look();
      } catch {
        say("gone", "No answer");
      }
    }
    setTimeout(tick, EVERY);
  }

  pause.addEventListener("click", () => {
    paused = !paused;
    say(paused ? "paused" : "live", paused ? "Paused" : "Live");
  });
  say("live", "Live");
  setTimeout(tick, EVERY);

  for (const box of document.querySelectorAll(".copied")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(box.querySelector("code").textContent);
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });
    box.append(button);
  }
})();
