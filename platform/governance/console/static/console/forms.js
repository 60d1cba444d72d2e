// What a form is nicer with, and does without: a file too large is told before it is sent, and nothing is sent twice.
"use strict";
(() => {
  for (const input of document.querySelectorAll("[data-most-bytes]")) {
    const told = input.form.querySelector("[data-too-large]");
    input.addEventListener("change", () => {
      const large = input.files.length > 0 && input.files[0].size > Number(input.dataset.mostBytes);
      input.setCustomValidity(large && told ? told.textContent : "");
      if (told) told.hidden = !large;
    });
  }
  for (const form of document.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "1";
    });
    addEventListener("pageshow", () => delete form.dataset.sent);
  }
})();
