// Small checks of a page as people meet it: names, labels, headings, contrast. Returns a list of faults.
() => {
  const faults = [];
  const shown = (node) => node.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && node.getClientRects().length > 0;
  const text = (node) => (node.getAttribute("aria-label") || node.textContent || node.value || "").trim();
  const describe = (node) => `<${node.tagName.toLowerCase()} ${(node.className.baseVal ?? node.className ?? "").toString().slice(0, 40)}> ${text(node).slice(0, 40)}`;

  if (document.querySelectorAll("h1").length !== 1) faults.push(`${document.querySelectorAll("h1").length} first headings`);
  if (document.querySelectorAll("main").length !== 1) faults.push("not exactly one main landmark");
  if (!document.documentElement.lang) faults.push("no language");
  let level = 1;
  for (const heading of document.querySelectorAll("main h2, main h3, main h4")) {
    const here = Number(heading.tagName[1]);
    if (here > level + 1) faults.push(`heading skips a level: ${describe(heading)}`);
    level = here;
  }
  const seen = new Set();
  for (const node of document.querySelectorAll("[id]")) {
    if (seen.has(node.id)) faults.push(`two things have the id ${node.id}`);
    seen.add(node.id);
  }
  for (const node of document.querySelectorAll("button, a[href], summary")) if (shown(node) && !text(node) && !node.querySelector("img[alt]")) faults.push(`no name: ${node.outerHTML.slice(0, 80)}`);
  for (const node of document.querySelectorAll("img:not([alt])")) faults.push(`no alternative text: ${node.src}`);
  for (const node of document.querySelectorAll("input:not([type=hidden]), select, textarea, progress"))
    if (shown(node) && !node.labels?.length && !node.getAttribute("aria-label")) faults.push(`no label: ${node.outerHTML.slice(0, 80)}`);
  for (const node of document.querySelectorAll("th")) if (shown(node) && !text(node) && !node.querySelector("input")) faults.push("an empty table heading");

  // Contrast, by painting: computed colours come in any colour space.
  const brush = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const paint = (colour) => {
    if (!known.has(colour)) {
      brush.clearRect(0, 0, 1, 1);
      brush.fillStyle = colour;
      brush.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = brush.getImageData(0, 0, 1, 1).data;
      known.set(colour, [r, g, b, a / 255]);
    }
    return known.get(colour);
  };
  const ground = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      const [r, g, b, a] = paint(getComputedStyle(at).backgroundColor);
      if (a > 0) layers.push([r, g, b, a]);
      if (a === 1) break;
    }
    return layers.reverse().reduce((under, [r, g, b, a]) => under.map((c, i) => c * (1 - a) + [r, g, b][i] * a), [255, 255, 255]);
  };
  const light = (rgb) => { const [r, g, b] = rgb.map((c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  for (const node of document.querySelectorAll("main *, nav *, header *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!own || !shown(node) || node.closest("svg, [aria-hidden=true], .ob-hidden")) continue;
    const style = getComputedStyle(node);
    const [a, b] = [light(paint(style.color).slice(0, 3)), light(ground(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) faults.push(`contrast ${ratio.toFixed(2)}: ${describe(node)}`);
  }
  return [...new Set(faults)];
}
