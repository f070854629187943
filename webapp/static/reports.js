/* Folded parts of a report: unfolded all at once by a button, and by themselves on paper. */
"use strict";

document.querySelectorAll("[data-unfold-all]").forEach((place) => {
  const folded = () => [...place.querySelectorAll("details:not([open])")];
  if (!folded().length) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn rp-unfold";
  button.textContent = place.dataset.unfoldAll;
  button.addEventListener("click", () => {
    folded().forEach((each) => { each.open = true; });
    button.remove();
  });
  place.before(button);
});

let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("main details:not([open])")];
  opened.forEach((each) => { each.open = true; });
});
addEventListener("afterprint", () => {
  opened.forEach((each) => { each.open = false; });
  opened = [];
});
