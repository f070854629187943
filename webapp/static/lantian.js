/* Lantian in the browser. Every page works without this file; it only makes things quicker or safer.
   Nothing typed is stored. Each part below looks for its own data-… attributes and is independent of the others. */
"use strict";

const each = (selector, act, root = document) => root.querySelectorAll(selector).forEach(act);

/* The error summary takes the focus; its links put the caret into the field. */
function errorSummary() {
  const summary = document.querySelector("[data-error-summary]");
  if (!summary) return;
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    const place = field.closest(".lt-field") || field;
    place.scrollIntoView({ block: "start" });
    field.focus({ preventScroll: true });
  });
}

/* Ask before an act that is final: data-confirm="…" on a form or a submit button. */
function confirmFirst() {
  const dialog = document.getElementById("lt-confirm");
  if (!dialog || !dialog.showModal) return;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    const question = (button && button.dataset.confirm) || form.dataset.confirm;
    if (!question || form.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    document.getElementById("lt-confirm-text").textContent = question;
    const yes = dialog.querySelector("[data-confirm-yes]");
    const grave = Boolean(button && /danger/.test(button.className));
    yes.classList.toggle("btn-danger", grave);
    yes.classList.toggle("btn-primary", !grave);
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => {
      if (dialog.returnValue !== "yes") return;
      form.dataset.confirmed = "1";
      form.requestSubmit(button || undefined);
      delete form.dataset.confirmed;
    }, { once: true });
    dialog.showModal();
  }, true);
}

/* A double click sends once. The button is only marked, not disabled, so that its value travels; coming back frees it. */
function sendOnce() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sending) {
      event.preventDefault();
      return;
    }
    form.dataset.sending = "1";
    if (event.submitter) event.submitter.setAttribute("aria-disabled", "true");
  });
  window.addEventListener("pageshow", () => {
    each("form[data-sending]", (form) => {
      delete form.dataset.sending;
      each('[aria-disabled="true"]', (button) => button.removeAttribute("aria-disabled"), form);
    });
  });
}

/* data-guard on a form: the browser asks before unsaved input is left behind. */
function guardUnsaved() {
  let dirty = false;
  each("form[data-guard]", (form) => {
    form.addEventListener("input", () => { dirty = true; });
    form.addEventListener("submit", (event) => { if (!event.defaultPrevented) dirty = false; });
  });
  window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
}

/* Exact sums of decimals with up to four places; null when the text is no number. */
function tenThousandths(text) {
  const plain = text.replace(/[,，\s]/g, "").replace(/[０-９．－]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0));
  const parts = /^(-?)(\d{1,14})(?:\.(\d{0,4}))?$/.exec(plain);
  if (!parts) return null;
  const whole = BigInt(parts[2] + (parts[3] || "").padEnd(4, "0"));
  return parts[1] ? -whole : whole;
}

function decimalText(value) {
  const digits = (value < 0n ? -value : value).toString().padStart(5, "0");
  const text = `${digits.slice(0, -4)}.${digits.slice(-4)}`.replace(/\.?0+$/, "");
  return (value < 0n ? "-" : "") + text;
}

/* The new total or what was added: typing one works out the other. */
function linkedQuantities() {
  each("[data-linked]", (box) => {
    const total = box.querySelector("[data-total]");
    const added = box.querySelector("[data-added]");
    const previous = tenThousandths(box.dataset.previous || "0");
    if (!total || !added || previous === null) return;
    const link = (from, to, sum) => from.addEventListener("input", () => {
      const value = tenThousandths(from.value);
      to.value = value === null ? "" : decimalText(sum(value));
    });
    link(total, added, (value) => value - previous);
    link(added, total, (value) => value + previous);
  });
}

const sizeText = (bytes) => (bytes < 1048576 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1048576).toFixed(1)} MB`);

/* Files: drag them in or take a photo; what was chosen is listed and can be removed again. */
function dropZone(box) {
  const input = box.querySelector("[data-drop-input]");
  const camera = box.querySelector("[data-drop-camera]");
  const zone = box.querySelector("[data-drop-zone]");
  const list = box.querySelector("[data-drop-list]");
  const limit = Number(box.dataset.limit || 0);
  let chosen = [];

  function put() {
    const carrier = new DataTransfer();
    chosen.forEach((file) => carrier.items.add(file));
    input.files = carrier.files;
    list.replaceChildren(...chosen.map(row));
  }

  function row(file, index) {
    const item = document.createElement("li");
    const name = document.createElement("span");
    name.className = "lt-file-name";
    name.textContent = file.name;
    const size = document.createElement("small");
    size.textContent = sizeText(file.size);
    if (limit && file.size > limit) {
      size.className = "lt-file-bad";
      size.textContent += ` ${box.dataset.tooLarge}`;
    }
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = box.dataset.remove;
    remove.setAttribute("aria-label", `${box.dataset.remove} ${file.name}`);
    remove.addEventListener("click", () => { chosen.splice(index, 1); put(); input.focus(); });
    item.append(name, size, remove);
    return item;
  }

  function add(files) {
    const known = new Set(chosen.map((file) => `${file.name}/${file.size}/${file.lastModified}`));
    chosen = chosen.concat([...files].filter((file) => !known.has(`${file.name}/${file.size}/${file.lastModified}`)));
    put();
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  each("[data-drop-words]", (words) => { words.hidden = window.matchMedia("(pointer: coarse)").matches; }, box);
  input.addEventListener("change", () => add(input.files));
  if (camera) camera.addEventListener("change", () => { add(camera.files); camera.value = ""; });
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("lt-drop-over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("lt-drop-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("lt-drop-over");
    add(event.dataTransfer.files);
  });
}

/* The matrix: arrow keys move between cells, a summary follows the focus or the pointer. */
function matrix(box) {
  const summary = box.querySelector("[data-matrix-summary]");
  const legend = summary ? [...summary.childNodes] : [];
  const rows = [...box.querySelectorAll("tbody tr")].map((row) => [...row.children]).filter((cells) => cells.length > 1);

  const letters = JSON.parse(box.dataset.letters || "{}");

  /* Counts come packed, the most urgent first: "b2g5" is two of the light b and five of g. */
  function counted(packed) {
    return packed.replace(/([a-z])(\d+)/g, (_, letter, number) => `${letters[letter]} ${number}  `).trim();
  }

  /* A cell holds its row, its column, its light and its share, in this order. */
  function told(link) {
    const [row, column, share] = [0, 1, link.children.length - 1].map((place) => link.children[place].textContent.trim());
    return `${row} · ${column}  ${share}  ${counted(link.dataset.counts)}`;
  }

  function show(event) {
    const link = event.target.closest("a[data-counts]");
    if (summary && link) summary.textContent = told(link);
    else if (summary) summary.replaceChildren(...legend);
  }

  const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

  function step(event) {
    const cell = event.target.closest("td, th");
    let y = rows.findIndex((cells) => cells.includes(cell));
    if (y < 0) return;
    let x = rows[y].indexOf(cell);
    let move = moves[event.key];
    if (event.key === "Home") [x, move] = [-1, [0, 1]];
    if (event.key === "End") [x, move] = [rows[y].length, [0, -1]];
    if (!move) return;
    event.preventDefault();
    for (y += move[0], x += move[1]; rows[y] && rows[y][x]; y += move[0], x += move[1]) {
      const link = rows[y][x].querySelector("a");
      if (link) { link.focus(); return; }
    }
  }

  box.addEventListener("keydown", step);
  box.addEventListener("focusin", show);
  box.addEventListener("pointerover", show);
}

/* data-copy="text" or data-copy-from="#id" on a button: copies, and says so on the button (data-copied="…"). */
function copyButtons() {
  each("[data-copy], [data-copy-from]", (button) => button.addEventListener("click", async () => {
    const source = button.dataset.copyFrom && document.querySelector(button.dataset.copyFrom);
    await navigator.clipboard.writeText(source ? source.value || source.textContent : button.dataset.copy);
    const words = button.textContent;
    button.textContent = button.dataset.copied || words;
    setTimeout(() => { button.textContent = words; }, 2000);
  }));
}

/* Menus close with Escape and when one clicks elsewhere. */
function menus() {
  const close = (except) => each(".lt-menu[open]", (menu) => { if (!menu.contains(except)) menu.open = false; });
  document.addEventListener("click", (event) => close(event.target));
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector(".lt-menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

/* data-bell="address": the link in it opens a panel with what that address answers, and closes it again. Without an
   answer, and with a key that opens new windows, it stays a link. */
function bell(box) {
  const link = box.querySelector("a");
  const panel = document.getElementById("lt-bell-panel");
  const show = (open) => {
    panel.hidden = !open;
    link.setAttribute("aria-expanded", String(open));
  };

  async function open() {
    const here = encodeURIComponent(location.pathname + location.search);
    const answer = await fetch(`${box.dataset.bell}?next=${here}`, { redirect: "manual" }).catch(() => null);
    if (!answer || !answer.ok) {
      location.assign(link.href);
      return;
    }
    panel.innerHTML = await answer.text();
    show(true);
    panel.focus();
  }

  link.setAttribute("role", "button");
  link.setAttribute("aria-controls", panel.id);
  show(false);
  link.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    if (panel.hidden) open();
    else show(false);
  });
  link.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    link.click();
  });
  document.addEventListener("click", (event) => { if (!box.contains(event.target)) show(false); });
  box.addEventListener("focusout", (event) => { if (event.relatedTarget && !box.contains(event.relatedTarget)) show(false); });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || panel.hidden) return;
    show(false);
    link.focus();
  });
}

/* data-mark-read on a form: what the page shows has been seen, so the form sends itself once, and one less is unread. */
function markRead(form) {
  async function send() {
    if (document.hidden) return;
    document.removeEventListener("visibilitychange", send);
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" }).catch(() => null);
    if (!answer || answer.type !== "opaqueredirect") return;
    form.hidden = true;
    each("[data-unread]", (count) => {
      const left = Number(count.dataset.unread) - 1;
      count.dataset.unread = left;
      if (left < 100) count.firstElementChild.textContent = left;
      if (left < 1) count.remove();
    });
  }
  document.addEventListener("visibilitychange", send);
  send();
}

/* data-autosave on a form: what is typed saves itself. Its words stand on the element with data-autosave-words.
   Where somebody else saved first, both texts are shown and one is chosen; nothing is sent before that. */
function autosave(form) {
  const words = form.closest("[data-autosave-words]").dataset;
  const state = form.querySelector("[data-autosave-state]");
  const fields = [...form.querySelectorAll("textarea")];
  let timer = 0, sending = false, changed = false, held = false;

  function tell(message, failed) {
    state.textContent = message;
    state.classList.toggle("rp-saved-failed", Boolean(failed));
  }

  function settle() {
    held = false;
    each(".rp-theirs, [data-choice]", (old) => old.remove(), form);
  }

  function choice(label, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.dataset.choice = "";
    button.textContent = label;
    button.addEventListener("click", () => { act(); settle(); save(); });
    state.after(button);
  }

  function conflict(answer) {
    settle();
    held = true;
    form.elements.version.value = answer.version;
    fields.forEach((field) => {
      const theirs = document.createElement("p");
      theirs.className = "rp-theirs";
      theirs.textContent = `${words.theirs} ${answer.theirs[field.name] || "—"}`;
      field.after(theirs);
    });
    choice(words.take, () => fields.forEach((field) => { field.value = answer.theirs[field.name] || ""; }));
    choice(words.keep, () => {});
  }

  async function save(keepalive = false) {
    clearTimeout(timer);
    if (sending || held) return;
    sending = true;
    changed = false;
    tell(words.saving);
    const answer = await fetch(form.action, {
      method: "POST", body: new FormData(form), headers: { Accept: "application/json" }, redirect: "manual", keepalive,
    }).catch(() => null);
    const said = answer && await answer.json().catch(() => null);
    sending = false;
    if (!said) {
      changed = true;
      tell(words.failed, true);
      return;
    }
    tell(said.message, !answer.ok);
    if (answer.ok) form.elements.version.value = said.version;
    else changed = true;
    if (answer.ok && changed) timer = setTimeout(save, 800);
    if (said.theirs && Object.keys(said.theirs).length) conflict(said);
  }

  form.addEventListener("input", () => {
    changed = true;
    if (held) return;
    tell(words.waiting);
    clearTimeout(timer);
    timer = setTimeout(save, 800);
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); event.stopImmediatePropagation(); settle(); save(); });
  document.addEventListener("visibilitychange", () => { if (document.hidden && changed) save(true); });
  window.addEventListener("beforeunload", (event) => { if (changed || sending) event.preventDefault(); });
}

/* "/" puts the caret into the search box, unless something is being typed. */
function slash(box) {
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    box.focus();
  });
}

confirmFirst();
guardUnsaved();
sendOnce();
errorSummary();
linkedQuantities();
menus();
copyButtons();
each("[data-slash]", slash);
each("[data-bell]", bell);
each("[data-mark-read]", markRead);
each("[data-autosave]", autosave);
each("[data-drop]", dropZone);
each("[data-matrix]", matrix);
each("[data-print]", (button) => button.addEventListener("click", () => window.print()));
