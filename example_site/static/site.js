// Everything here is a comfort: each page works without it.

const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

// Times in the reader's own zone and language.
each("time[datetime]", (time) => {
  const when = new Date(time.dateTime);
  if (Number.isNaN(when.valueOf())) return;
  time.title = time.textContent;
  time.textContent = when.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
});

// After a failed form, begin where the explanation is.
document.querySelector("#trouble")?.focus();

// One click, one request: the second click of a double click does nothing.
each('form[method="post"]', (form) => {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
});
window.addEventListener("pageshow", () => each("form", (form) => delete form.dataset.sent));

// A draft survives a detour, such as Roblox asking for one more permission on the way.
each("form[data-draft]", (form) => {
  const place = `draft:${location.pathname}`;
  const fields = [...form.querySelectorAll("textarea, input[type=text]")];
  const kept = JSON.parse(sessionStorage.getItem(place) ?? "{}");
  if (!document.querySelector("#trouble")) fields.forEach((field) => (field.value = kept[field.name] ?? field.value));
  form.addEventListener("submit", () => {
    const values = fields.map((field) => [field.name, field.value]);
    sessionStorage.setItem(place, JSON.stringify(Object.fromEntries(values)));
  });
});
each("[data-draft-done]", (done) => sessionStorage.removeItem(`draft:${done.dataset.draftDone}`));

// A counter under long texts. It counts characters as the server does, not UTF-16 units.
each("[data-limit]", (area) => {
  const limit = Number(area.dataset.limit);
  const shown = Object.assign(document.createElement("span"), { className: "counter" });
  const spoken = Object.assign(document.createElement("span"), { className: "visually-hidden" });
  shown.setAttribute("aria-hidden", "true");
  spoken.setAttribute("aria-live", "polite");
  area.after(shown, spoken);
  let pause;
  const count = () => {
    const left = limit - [...area.value].length;
    shown.textContent = `${(limit - left).toLocaleString()} of ${limit.toLocaleString()}`;
    shown.classList.toggle("over", left < 0);
    clearTimeout(pause);
    pause = setTimeout(() => {
      if (left > 100) spoken.textContent = "";
      else spoken.textContent = left < 0 ? `${-left} characters too many` : `${left} characters left`;
    }, 800);
  };
  area.addEventListener("input", count);
  count();
});

// An error at a field, in the shape the server draws it.
const complain = (control, text) => {
  const id = `${control.id}-error`;
  document.getElementById(id)?.remove();
  const others = (control.getAttribute("aria-describedby") ?? "").split(" ").filter((each) => each && each !== id);
  if (text) {
    const error = Object.assign(document.createElement("p"), { id, className: "field-error", textContent: text });
    error.setAttribute("role", "alert");
    control.before(error);
    others.push(id);
    control.setAttribute("aria-invalid", "true");
  } else {
    control.removeAttribute("aria-invalid");
  }
  if (others.length) control.setAttribute("aria-describedby", others.join(" "));
  else control.removeAttribute("aria-describedby");
};

// JSON is checked before it travels; a complaint goes as soon as the reason for it does.
each("[data-json]", (area) => {
  const check = () => {
    try {
      JSON.parse(area.value);
      complain(area, "");
      return true;
    } catch (error) {
      complain(area, `This is not JSON: ${error.message}`);
      return false;
    }
  };
  area.addEventListener("input", () => area.hasAttribute("aria-invalid") && check());
  area.form.addEventListener("submit", (event) => {
    if (check()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    area.focus();
  }, { capture: true });
});

// A picture is shown, and its size checked, before it travels.
each('input[type="file"][data-largest]', (input) => {
  const preview = Object.assign(document.createElement("img"), { className: "preview", alt: "The picture you chose", hidden: true });
  input.after(preview);
  const show = () => {
    const [file] = input.files;
    if (preview.src) URL.revokeObjectURL(preview.src);
    const tooLarge = file && file.size > Number(input.dataset.largest);
    complain(input, tooLarge ? "That file is too large: Roblox takes pictures of up to 20 MB" : "");
    preview.hidden = !file || tooLarge;
    if (!preview.hidden) preview.src = URL.createObjectURL(file);
  };
  input.addEventListener("change", show);
  show(); // it may have been chosen before this script was there
  input.form.addEventListener("submit", (event) => {
    if (!input.files[0] || input.files[0].size <= Number(input.dataset.largest)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    input.focus();
  }, { capture: true });
});

// The progress of an upload: ask, more and more slowly, until it is over.
each("[data-watch]", (card) => {
  const bar = card.querySelector("progress");
  const check = card.querySelector("#check");
  const watching = (yes) => {
    bar.hidden = !yes;
    check.hidden = yes;
  };
  const ask = async (wait) => {
    let progress;
    try {
      const answer = await fetch(card.dataset.watch, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status);
      progress = await answer.json();
    } catch {
      watching(false); // logged out, or out of reach: leave it to the person
      return;
    }
    if (!progress.over) {
      setTimeout(ask, wait, Math.min(wait * 1.5, 5000));
      return;
    }
    card.dataset.state = progress.state;
    card.querySelector("#title").textContent = progress.title;
    card.querySelector("#text").textContent = progress.text;
    card.querySelector("#after").hidden = false;
    document.title = `${progress.title} – Backstage`;
    bar.hidden = true;
  };
  watching(true);
  setTimeout(ask, 500, 750);
});
