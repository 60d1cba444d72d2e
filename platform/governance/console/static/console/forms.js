// What a form is nicer with, and does without: a file too large is told before it is sent, nothing is sent twice, and
// a file that was only looked at need not be chosen again.
"use strict";
(() => {
  document.addEventListener("change", ({ target }) => {
    if (!target.dataset.mostBytes) return;
    const told = target.form.querySelector("[data-too-large]");
    const large = target.files.length > 0 && target.files[0].size > Number(target.dataset.mostBytes);
    target.setCustomValidity(large && told ? told.textContent : "");
    if (told) told.hidden = !large;
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!("once" in form.dataset)) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    if (!("looks" in form.dataset) || event.submitter?.value !== "look") return;
    event.preventDefault();
    look(form, event.submitter).catch(() => lookWithoutScript(form));
  });
  addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent));

  // A submit by script names no button, and without its name the form would do the deed.
  function lookWithoutScript(form) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "do", value: "look" }));
    form.submit();
  }

  // The answer is the whole page; its form takes the old one's place, and keeps the old one's file.
  async function look(form, submitter) {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form, submitter) });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("form[data-looks]");
    if (!fresh) throw new Error("no form came back");
    for (const input of fresh.querySelectorAll("input[type=file]")) {
      const old = form.elements[input.name];
      for (const name of ["aria-describedby", "aria-invalid", "class"]) {
        if (input.hasAttribute(name)) old.setAttribute(name, input.getAttribute(name)); else old.removeAttribute(name);
      }
      input.replaceWith(old);
    }
    fresh.querySelectorAll("[data-again]").forEach((node) => node.remove());
    form.replaceWith(fresh);
    (fresh.querySelector("[aria-invalid]") || fresh.querySelector("[data-seen], [role=alert]"))?.focus();
  }
})();
