// Put into the real page by the window's bench. It counts what the page does and hurries it along with the events that a hand makes.
(() => {
  if (window.__bench) return;
  const bench = { drawn: [], painted: 0, pulls: [], opened: 0, ticket: "" };
  window.__bench = bench;
  const isMonitor = (canvas) => canvas && canvas.dataset && canvas.dataset.testid === "monitor";
  const draw = CanvasRenderingContext2D.prototype.drawImage;
  CanvasRenderingContext2D.prototype.drawImage = function (...all) {
    const done = draw.apply(this, all);
    if (isMonitor(this.canvas)) {
      const at = performance.now();
      bench.drawn.push(at);
      const pull = all[0] && all[0].pull;
      if (pull && !pull.drawn) { pull.drawn = at; pull.width = this.canvas.width; }
    }
    return done;
  };
  const fill = CanvasRenderingContext2D.prototype.fillRect;
  CanvasRenderingContext2D.prototype.fillRect = function (x, y, w, h) {
    if (x === 0 && y === 0 && w > 400 && this.canvas.dataset.testid === "timeline") bench.painted += 1;
    return fill.call(this, x, y, w, h);
  };
  const bitmap = window.createImageBitmap.bind(window);
  window.createImageBitmap = async (source, ...rest) => Object.assign(await bitmap(source, ...rest), { pull: source.pull });
  const plain = window.fetch.bind(window);
  window.fetch = async (address, ...rest) => {
    const text = typeof address === "string" ? address : address.url;
    const ticket = /ticket=([0-9a-f]+)/.exec(text);
    if (ticket) bench.ticket = ticket[1];
    const asked = performance.now();
    const answer = await plain(address, ...rest);
    if (/\/(live|frame)\?/.test(text)) {
      bench.pulls.push({
        asked, answered: performance.now(), drawn: 0, live: /\/live\?/.test(text),
        at: Number(answer.headers.get("x-kinora-at")), heard: Number(answer.headers.get("x-kinora-heard")),
        playing: answer.headers.get("x-kinora-playing") === "1",
      });
      // The next picture may be answered before this one is drawn: each knows its own question.
      const pull = bench.pulls[bench.pulls.length - 1], blob = answer.blob.bind(answer);
      answer.blob = async () => Object.assign(await blob(), { pull });
      if (bench.pulls.length > 4000) bench.pulls.splice(0, 2000);
    }
    return answer;
  };
  document.addEventListener("click", () => { bench.clicked = performance.now(); }, true);
  const frame = () => new Promise((go) => requestAnimationFrame(go));
  const canvas = () => document.querySelector("[data-testid='timeline']");

  // Frames of the screen and paintings of the timeline a second while `move` is called before each.
  bench.busy = async (millis, move) => {
    await frame(); await frame();
    const begun = performance.now(), before = bench.painted;
    let frames = 0, longest = 0, last = begun;
    while (performance.now() - begun < millis) {
      move(frames, canvas());
      await frame();
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      frames += 1;
    }
    const seconds = (performance.now() - begun) / 1000;
    return { frames: frames / seconds, painted: (bench.painted - before) / seconds, longest };
  };
  const wheel = (more) => {
    const c = canvas(), r = c.getBoundingClientRect();
    c.dispatchEvent(new WheelEvent("wheel", {
      bubbles: true, cancelable: true, clientX: r.x + r.width / 2, clientY: r.y + r.height / 2, ...more,
    }));
  };
  bench.scroll = (millis) => bench.busy(millis, (n) => wheel({ deltaY: (n / 90 | 0) % 2 ? -60 : 60 }));
  bench.zoom = (millis) => bench.busy(millis, (n) => wheel({ deltaY: (n / 20 | 0) % 2 ? -1 : 1, ctrlKey: true }));
  bench.pointer = (kind, x, y) => {
    const c = canvas();
    c.dispatchEvent(new PointerEvent(kind, {
      bubbles: true, cancelable: true, clientX: x, clientY: y, button: 0, pointerId: 1, pointerType: "mouse", isPrimary: true,
    }));
  };
  // A clip held and moved about, then given up: nothing is edited.
  bench.hold = async (millis, x, y) => {
    bench.pointer("pointerdown", x, y);
    const seen = await bench.busy(millis, (n) => bench.pointer("pointermove", x + Math.round(Math.sin(n / 9) * 80), y));
    bench.pointer("pointercancel", x, y);
    return seen;
  };
  // The ruler held and moved about: the monitor shows what lies under it.
  bench.scrub = async (millis, x, y, wide) => {
    const before = bench.pulls.length;
    bench.pointer("pointerdown", x, y);
    const seen = await bench.busy(millis, (n) => bench.pointer("pointermove", x + (n * 37) % wide, y));
    bench.pointer("pointerup", x, y);
    const times = bench.pulls.slice(before).filter((p) => p.drawn).map((p) => p.drawn - p.asked);
    return { ...seen, times };
  };
  // From a question to the picture on a canvas, as the monitor does it.
  bench.pictures = async (times, width, height) => {
    const c = document.createElement("canvas"), found = [];
    c.width = width; c.height = height;
    for (const at of times) {
      const asked = performance.now();
      const answer = await plain(`preview://localhost/frame?ticket=${bench.ticket}&at=${at}&width=${width}&height=${height}`);
      const picture = await createImageBitmap(await answer.blob());
      c.getContext("2d").drawImage(picture, 0, 0);
      found.push(performance.now() - asked);
      picture.close();
    }
    return found;
  };
  // Edits one after the other: until acknowledged, until the page's own copy has followed and been painted, and the page's longest pause.
  bench.edits = async (commands) => {
    const found = [];
    for (const command of commands) {
      let going = true, pause = 0, last = performance.now();
      const watch = (async () => { while (going) { await frame(); const now = performance.now(); pause = Math.max(pause, now - last); last = now; } })();
      const begun = performance.now();
      const answer = await window.__TAURI__.core.invoke("edit", { request: { command, gesture: null } });
      const acknowledged = performance.now() - begun;
      for (let n = 0; n < 6; n += 1) await frame();
      going = false;
      await watch;
      found.push({ acknowledged, pause, sequence: answer.sequence });
    }
    return found;
  };
  bench.replica = async () => {
    const answer = await window.__TAURI__.core.invoke("replica");
    return answer instanceof ArrayBuffer ? JSON.parse(new TextDecoder().decode(answer)) : answer;
  };
})();
