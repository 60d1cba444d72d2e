// Progress bars that follow the work: asked every two seconds, and not at all while the page is out of sight.
"use strict";
(() => {
  const section = document.querySelector("[data-live]");
  if (!section) return;
  const every = 2000;
  let state = null, timer = null, busy = false;
  const paused = section.querySelector("[data-live-paused]");
  const news = section.querySelector("[data-live-news]");

  const write = (node, text) => { if (node && node.textContent !== text) node.textContent = text; };

  function show(answer) {
    for (const job of answer.jobs) {
      const box = section.querySelector(`[data-job="${job.ref}"]`);
      if (!box) continue;
      box.querySelector("progress").value = job.percent;
      write(box.querySelector('[data-f="percent_words"]'), `${job.percent} %`);
      for (const name of ["status_words", "phase", "count_words", "rate_words", "left_words", "heard_words"])
        write(box.querySelector(`[data-f="${name}"]`), job[name]);
    }
    write(document.querySelector("[data-live-on]"), answer.on);
    write(document.querySelector("[data-live-why]"), answer.why);
  }

  // More than the bars has changed: reload, unless that would take somebody's place in the page away.
  function tell() {
    if (document.activeElement === document.body) location.reload();
    else news.hidden = false;
  }

  async function ask() {
    if (busy || document.hidden) return;
    busy = true;
    try {
      const response = await fetch(section.dataset.live, { headers: { Accept: "application/json" } });
      if (!response.ok) return;
      const answer = await response.json();
      if (state !== null && state !== answer.state) return tell();
      state = answer.state;
      show(answer);
      if (!answer.live) stop();
    } catch { /* the server is away for a moment; the next round asks again */ } finally { busy = false; }
  }

  function start() { if (timer === null) { timer = setInterval(ask, every); ask(); } }
  function stop() { clearInterval(timer); timer = null; }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { stop(); paused.hidden = false; } else { paused.hidden = true; start(); }
  });
  section.querySelector("[data-live-reload]").addEventListener("click", () => location.reload());
  start();
})();
