// The drawing: colours, arcs, the ring around a country, zoom.
const $ = id => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
const map = $("map"), drawing = map.querySelector("svg"), tip = $("tip");
const shapesOf = new Map(D.codes.map(code => [code, []]));
for (const shape of drawing.querySelectorAll("[data-c]")) shapesOf.get(shape.dataset.c).push(shape);
const whole = drawing.getAttribute("viewBox").split(" ").map(Number);
const view = { zoom: 1, x: whole[0] + whole[2] / 2, y: whole[1] + whole[3] / 2 };

function svg(name, attributes, parent, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  if (parent) parent.append(made);
  return made;
}

function colour() {
  for (let i = 0; i < N; i++) {
    const name = classOf(figure(i));
    for (const shape of shapesOf.get(D.codes[i])) shape.setAttribute("class", name);
  }
}

function ring() {
  const group = $("ring");
  group.replaceChildren();
  for (const [i, name] of [[state.chosen, ""], [state.keyed, "keyed"]]) {
    if (i < 0) continue;
    const own = shapesOf.get(D.codes[i]);
    for (const shape of own) {
      const copy = shape.cloneNode();
      copy.removeAttribute("data-c");
      copy.setAttribute("class", name);
      if (copy.tagName === "circle") copy.setAttribute("r", 6 / Math.sqrt(view.zoom));
      group.append(copy);
    }
  }
}

// An arc is a crescent: wide where the goods come from, a point where they go.
function arcPath(x0, y0, x1, y1, width) {
  const dx = x1 - x0, dy = y1 - y0, far = Math.hypot(dx, dy) || 1;
  const bend = Math.min(0.28 * far, 90) * (dx >= 0 ? 1 : -1);
  const cx = (x0 + x1) / 2 + (dy / far) * bend, cy = (y0 + y1) / 2 - (dx / far) * bend;
  const left = [], right = [], steps = 22;
  for (let k = 0; k <= steps; k++) {
    const t = k / steps, u = 1 - t;
    const x = u * u * x0 + 2 * u * t * cx + t * t * x1, y = u * u * y0 + 2 * u * t * cy + t * t * y1;
    const tx = 2 * u * (cx - x0) + 2 * t * (x1 - cx), ty = 2 * u * (cy - y0) + 2 * t * (y1 - cy), size = Math.hypot(tx, ty) || 1;
    const half = (width * (1 - 0.93 * t)) / 2;
    left.push((x + (-ty / size) * half).toFixed(1) + "," + (y + (tx / size) * half).toFixed(1));
    right.unshift((x - (-ty / size) * half).toFixed(1) + "," + (y - (tx / size) * half).toFixed(1));
  }
  return "M" + left.join("L") + "L" + right.join("L") + "Z";
}

function arcs() {
  const group = $("flows"), note = $("flow-note");
  group.replaceChildren();
  note.hidden = !state.arcs;
  if (!state.arcs) return;
  const shown = flowsShown(), most = Math.max(...shown.map(f => f[2]), 0);
  const thick = 15 / Math.sqrt(view.zoom);
  for (const flow of shown.slice().reverse()) {
    const [a, b, value] = flow;
    const width = Math.max(0.9 / view.zoom, (thick * value) / most);
    const path = svg("path", { d: arcPath(...D.spots[a], ...D.spots[b], width), "data-flow": a + ":" + b }, group);
    if (state.chosen >= 0 && b === state.chosen) path.setAttribute("class", "in");
    path.flow = flow;
  }
  const who = state.chosen >= 0
    ? `The ${shown.length} largest flows of ${D.names[state.chosen]}: emitted there for others (pink), and elsewhere for it (green). `
    : `The ${shown.length} largest flows between two countries. Choose a country to see its own. `;
  note.textContent = shown.length
    ? who + `An arc is wide where the emissions arise and pointed where the goods are used; the widest is ${number(most)} Mt CO₂. Flows from and to the rest of the world have no place and are not drawn. Flows: ${D.words[D.flowNote]}.`
    : `No flows of ${D.names[state.chosen]} alone: it is no economy of its own in the table.`;
}

function legend() {
  const limits = layer().breaks[state.per], box = $("legend");
  const unit = state.per === "person" ? layer().unit.replace(/^Mt/, "t") + " per person" : layer().unit + " a year";
  const labels = layer().diverging ? [...limits.slice().reverse().map(v => -v), ...limits] : limits;
  const names = layer().diverging ? [...Array(9).keys()].map(k => "d" + k) : [...Array(8).keys()].map(k => "q" + k);
  const step = 34, width = names.length * step + 20;
  const made = svg("svg", { viewBox: `-10 0 ${width} 32`, role: "img", "aria-label": "Colours: limits " + labels.map(number).join(", ") + " " + unit });
  names.forEach((name, k) => svg("rect", { x: k * step, y: 0, width: step, height: 14, class: name }, made));
  labels.forEach((v, k) => svg("text", { x: (k + 1) * step, y: 28, "text-anchor": "middle" }, made, v.toLocaleString("en-US").replace("-", "−")));
  const hatched = svg("svg", { viewBox: "0 0 48 32", role: "img", "aria-label": "Hatched: no data" });
  svg("rect", { x: 0, y: 0, width: 30, height: 14, class: "nd" }, hatched);
  svg("text", { x: 0, y: 28 }, hatched, "no data");
  const words = document.createElement("span");
  words.textContent = unit;
  box.replaceChildren(made, hatched, words);
}

// -- zoom ------------------------------------------------------------------------------------
function show() {
  const w = whole[2] / view.zoom, h = whole[3] / view.zoom;
  view.x = Math.min(whole[0] + whole[2] - w / 2, Math.max(whole[0] + w / 2, view.x));
  view.y = Math.min(whole[1] + whole[3] - h / 2, Math.max(whole[1] + h / 2, view.y));
  drawing.style.touchAction = view.zoom > 1 ? "none" : "";  // a finger moves the map, not the page
  drawing.setAttribute("viewBox", [view.x - w / 2, view.y - h / 2, w, h].map(v => v.toFixed(2)).join(" "));
  for (const dot of drawing.querySelectorAll("#dots circle")) dot.setAttribute("r", (3.2 / Math.sqrt(view.zoom)).toFixed(2));
}

function zoom(factor, x = view.x, y = view.y) {
  const next = Math.min(16, Math.max(1, view.zoom * factor));
  view.x = x + (view.x - x) * (view.zoom / next);
  view.y = y + (view.y - y) * (view.zoom / next);
  view.zoom = next;
  tip.hidden = true;
  show();
  ring();
  arcs();
}

function point(event) {
  const here = drawing.getScreenCTM().inverse();
  return new DOMPoint(event.clientX, event.clientY).matrixTransform(here);
}

// The country in an arrow's direction: near, and not far off the line.
function towards(i, dx, dy) {
  const [x, y] = D.spots[i];
  let best = i, least = Infinity;
  for (let k = 0; k < N; k++) {
    const [u, v] = D.spots[k];
    if (k === i || u === null || !shapesOf.get(D.codes[k]).length) continue;
    const along = (u - x) * dx + (v - y) * dy, off = Math.abs((u - x) * dy) + Math.abs((v - y) * dx);
    if (along <= 0.5 || off > 1.6 * along) continue;
    const cost = along + 2 * off;
    if (cost < least) [best, least] = [k, cost];
  }
  return best;
}
