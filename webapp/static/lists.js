/* Lists whose rows can be ticked: one tick for the whole page, and how many are ticked. Every list works without it. */
"use strict";

document.querySelectorAll("[data-tick-all]").forEach((all) => {
  const boxes = [...document.querySelectorAll(`[data-tick="${all.dataset.tickAll}"]`)];
  const scope = document.querySelector(`[data-tick-scope="${all.dataset.tickAll}"]`);
  const counter = document.querySelector(`[data-tick-count="${all.dataset.tickAll}"]`);
  const tell = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
    if (counter) counter.textContent = ticked ? `(${ticked})` : "";
    if (scope && ticked) scope.value = "chosen";
  };
  all.closest("[hidden]")?.removeAttribute("hidden");
  all.addEventListener("change", () => {
    boxes.forEach((box) => { box.checked = all.checked; });
    tell();
  });
  boxes.forEach((box) => box.addEventListener("change", tell));
  tell();
});
