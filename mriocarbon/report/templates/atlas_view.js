// Controls, tooltip, panel and table.
const el = (name, text, style) => {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (style) made.className = style;
  return made;
};
const say = text => { $("spoken").textContent = text; };

function sentence(i) {
  const f = figure(i);
  if (f.missing !== undefined) return `${D.names[i]}, ${layer().label}: no data, ${f.missing}`;
  return `${D.names[i]}, ${layer().label} ${f.year}: ${number(f.value)}${mark(f)} ${f.unit}, ${between(f)}, source ${f.source}`;
}

function describe(i, box) {
  const f = figure(i);
  box.append(el("p", `${layer().label}, ${f.year}`, "muted"));
  if (f.missing !== undefined) {
    box.append(el("p", "no data", "big"), el("p", f.missing, "muted"));
    return f;
  }
  box.append(el("p", `${number(f.value)}${mark(f)} ${f.unit}`, "big"), el("p", between(f)));
  return f;
}

// -- tooltip ---------------------------------------------------------------------------------
function showTip(content, x, y) {
  tip.replaceChildren(...content);
  tip.hidden = false;
  const room = map.getBoundingClientRect(), own = tip.getBoundingClientRect();
  const left = x - room.left + 14 + own.width > room.width ? x - room.left - own.width - 10 : x - room.left + 14;
  const below = y - room.top + 12, top = y + 12 + own.height > innerHeight ? y - room.top - own.height - 10 : below;
  tip.style.left = Math.min(Math.max(0, left), Math.max(0, room.width - own.width)) + "px";
  tip.style.top = top + "px";
}

function tipOf(i) {
  const box = el("div");
  box.append(el("b", D.names[i]));
  const f = describe(i, box);
  if (f.source) box.append(el("p", "Source: " + f.source, "muted"));
  if (f.estimated) box.append(el("p", "† estimate", "muted"));
  return [box];
}

function tipOfFlow([a, b, value, low, high]) {
  const box = el("div");
  box.append(el("b", `${flowName(a)} → ${flowName(b)}`), el("p", `${number(value)}† Mt CO₂, 2022`, "big"), el("p", between({ low, high })),
    el("p", `emitted in ${flowName(a)} for what ${flowName(b)} uses`, "muted"), el("p", "Source: " + D.words[D.flowSource], "muted"));
  return [box];
}

function under(event) {
  const hit = event.target.closest ? event.target.closest("[data-c],[data-flow]") : null;
  if (!hit) return null;
  return hit.flow ? { flow: hit.flow } : hit.dataset.c ? { country: at.get(hit.dataset.c) } : null;
}

function hover(event) {
  const hit = under(event);
  if (!hit) { tip.hidden = true; return; }
  showTip(hit.flow ? tipOfFlow(hit.flow) : tipOf(hit.country), event.clientX, event.clientY);
}

function tipAtKey() {
  const [x, y] = D.spots[state.keyed], m = drawing.getScreenCTM(), p = new DOMPoint(x, y).matrixTransform(m);
  showTip(tipOf(state.keyed), p.x, p.y);
}

// -- panel -----------------------------------------------------------------------------------
function line(parent, words, value, style) {
  const row = el("tr");
  row.append(el("th", words), el("td", value, style));
  parent.append(row);
}

function chart(i) {
  const one = layer(), s = one.series;
  if (!s || !s.value[i]) return null;
  const points = s.years.map(year => [year, figure(i, one, "series", year)]).filter(([, f]) => f.missing === undefined);
  if (points.length < 2) return null;
  const ours = figure(i, one, "own");
  const all = points.flatMap(([, f]) => [f.value, f.low ?? f.value, f.high ?? f.value]).concat(ours.missing === undefined ? [ours.value, ours.low ?? ours.value, ours.high ?? ours.value] : [], [0]);
  const low = Math.min(...all), high = Math.max(...all), w = 288, h = 118, first = s.years[0], last = s.years.at(-1);
  const x = year => 6 + ((year - first) / (last - first)) * (w - 12), y = v => 8 + (1 - (v - low) / (high - low || 1)) * (h - 28);
  const made = svg("svg", { viewBox: `0 0 ${w} ${h}`, role: "img", "aria-label": `${one.label} of ${D.names[i]}, ${first} to ${last}: from ${number(points[0][1].value)} to ${number(points.at(-1)[1].value)} ${points[0][1].unit}` });
  svg("line", { x1: 0, x2: w, y1: y(0), y2: y(0), class: "zero" }, made);
  const sure = points.filter(([, f]) => f.low !== null && f.high !== null);
  svg("path", { class: "band", d: "M" + sure.map(([t, f]) => x(t).toFixed(1) + "," + y(f.high).toFixed(1)).join("L") + "L" + sure.slice().reverse().map(([t, f]) => x(t).toFixed(1) + "," + y(f.low).toFixed(1)).join("L") + "Z" }, made);
  svg("path", { class: "line", d: "M" + points.map(([t, f]) => x(t).toFixed(1) + "," + y(f.value).toFixed(1)).join("L") }, made);
  const now = points.find(([t]) => t === state.year);
  if (now && state.basis === "series") svg("circle", { cx: x(now[0]), cy: y(now[1].value), r: 4, class: "now" }, made);
  if (ours.missing === undefined && !one.same && D.year >= first && D.year <= last) {
    if (ours.low !== null) svg("line", { x1: x(D.year), x2: x(D.year), y1: y(ours.low), y2: y(ours.high), class: "our-bar" }, made);
    svg("circle", { cx: x(D.year), cy: y(ours.value), r: 3.5, class: "ours" }, made);
  }
  svg("text", { x: 4, y: h - 4 }, made, first);
  svg("text", { x: w - 4, y: h - 4, "text-anchor": "end" }, made, last);
  svg("text", { x: 4, y: 8 }, made, number(high));
  const box = el("div");
  box.append(el("h3", "All years"), made, el("p", `Line: ${D.words[s.source]}, band 95 %.` + (!one.same && ours.missing === undefined ? ` Dot with bar: ${one.own.label}, ${D.year}, another source.` : ""), "muted"));
  return box;
}

function panelOf(i) {
  const panel = $("panel"), made = [el("h2", D.names[i])], head = el("div");
  const f = describe(i, head);
  made.push(head);
  if (f.missing === undefined) {
    if (f.estimated) made.push(el("span", "† estimate", "chip"));
    made.push(el("p", "Source: " + f.source), el("p", f.method, "muted"), el("p", f.note, "muted"));
  }
  const years = chart(i);
  if (years) made.push(years);
  const others = el("table"), body = el("tbody");
  for (const one of D.layers) {
    const g = figure(i, one, "own");
    const when = g.missing === undefined && g.year !== String(D.year) ? `${one.label}, ${g.year}` : one.label;
    line(body, when, g.missing !== undefined ? "no data" : number(g.value) + mark(g));
    if (g.missing === undefined && g.low !== null) body.lastChild.lastChild.append(el("span", `${number(g.low)} to ${number(g.high)}`, "range"));
  }
  others.append(body);
  made.push(el("h3", `All layers, ${D.year} where no other year is named, ${state.per === "person" ? "t per person" : "Mt"}`), others, el("p", "Side by side, never to be added. Production follows the territory; the difference takes both sides by residence.", "muted"));
  const own = D.flows.filter(flow => flow[0] === i || flow[1] === i);
  if (own.length) {
    for (const [title, which, name] of [["Emitted here for others", 0, 1], ["Emitted elsewhere for it", 1, 0]]) {
      const table = el("table"), rows = el("tbody");
      for (const flow of own.filter(one => one[which] === i).slice(0, 5)) {
        line(rows, flowName(flow[name]), number(flow[2]) + "†");
        rows.lastChild.lastChild.append(el("span", `${number(flow[3])} to ${number(flow[4])}`, "range"));
      }
      table.append(rows);
      made.push(el("h3", title + ", Mt CO₂ 2022"), table);
    }
  } else made.push(el("p", figure(i, D.layers[0], "own").missing !== undefined ? "No flows of its own in the table." : "No flows of its own: the table has it within the rest of the world.", "muted"));
  panel.replaceChildren(...made);
}

function panelOfWorld() {
  const known = [];
  for (let i = 0; i < N; i++) {
    const f = figure(i);
    if (f.missing === undefined) known.push([i, f]);
  }
  const made = [el("h2", "World"), el("p", `${layer().label}, ${shownYear()}`, "muted")];
  // What trade moves cancels over the world: its sum would only show what the source leaves out.
  if (known.length && state.per === "total" && layer().id !== "transfer") {
    // Where all models say zero there is no interval: it adds none.
    const sum = key => known.reduce((all, [, f]) => all + (f[key] ?? (f.value === 0 ? 0 : NaN)), 0);
    made.push(el("p", `${number(sum("value"))} ${layer().unit}`, "big"),
      el("p", `sum of ${known.length} countries and territories; ${N - known.length} have no figure of their own`, "muted"),
      el("p", isFinite(sum("low")) ? `at most ${number(sum("low"))} to ${number(sum("high"))}: the ends added up, as if all erred together` : "interval unknown", "muted"));
  }
  else made.push(el("p", `${known.length} countries and territories with a figure, ${N - known.length} without`, "muted"));
  known.sort((a, b) => b[1].value - a[1].value);
  const parts = layer().diverging ? [["Highest", known.slice(0, 5)], ["Lowest", known.slice(-5).reverse()]] : [["Highest", known.slice(0, 8)]];
  for (const [title, of] of parts) {
    const table = el("table"), body = el("tbody");
    for (const [i, f] of of) {
      line(body, D.names[i], number(f.value) + mark(f));
      body.lastChild.lastChild.append(el("span", f.low === null ? "interval unknown" : `${number(f.low)} to ${number(f.high)}`, "range"));
    }
    table.append(body);
    made.push(el("h3", title), table);
  }
  made.push(el("p", "Choose a country on the map, in the list or in the table.", "muted"));
  $("panel").replaceChildren(...made);
}

// -- table -----------------------------------------------------------------------------------
function table() {
  const rows = D.codes.map((code, i) => [i, figure(i)]), way = state.down ? -1 : 1;
  const key = state.sort === "name" ? ([i]) => D.names[i] : ([, f]) => f[state.sort] ?? null;
  rows.sort((a, b) => {
    const x = key(a), y = key(b);
    if (x === null || y === null) return (x === null) - (y === null);  // no data last, always
    return way * (typeof x === "string" ? x.localeCompare(y) : x - y);
  });
  const body = document.createDocumentFragment();
  for (const [i, f] of rows) {
    const row = el("tr"), head = el("th", D.names[i]);
    head.scope = "row";
    row.dataset.i = i;
    if (i === state.chosen) row.className = "chosen";
    row.append(head);
    if (f.missing !== undefined) {
      const none = el("td", "no data", "none");
      none.colSpan = 3;
      row.append(none, el("td", "", "words"), el("td", f.missing, "words"));
    } else row.append(el("td", number(f.value) + mark(f)), el("td", number(f.low)), el("td", number(f.high)), el("td", f.source, "words"), el("td", f.note, "words"));
    body.append(row);
  }
  $("table").tBodies[0].replaceChildren(body);
  const unit = state.per === "person" ? layer().unit.replace(/^Mt/, "t") + " per person" : layer().unit;
  $("value-head").textContent = unit;
  $("table-about").textContent = `${layer().label}, ${shownYear()}. † estimate.`;
  for (const button of $("table").querySelectorAll("thead button"))
    button.parentNode.setAttribute("aria-sort", button.dataset.key === state.sort ? (state.down ? "descending" : "ascending") : "none");
}

// -- putting it together ---------------------------------------------------------------------
let pending = 0;
function refresh(whatElse = true) {
  tip.hidden = true;
  const one = layer(), s = one.series, slider = $("year");
  $("series-option").hidden = !s;
  if (!s) state.basis = "own";
  if (s) {
    [slider.min, slider.max] = [s.years[0], s.years.at(-1)];
    state.year = Math.min(s.years.at(-1), Math.max(s.years[0], state.year));
    $("series-label").textContent = `${s.years[0]}–${s.years.at(-1)}, ${D.words[s.source].replace(/ v[\d.]+$/, "")}`;
  }
  slider.disabled = $("play").disabled = !s;
  slider.value = state.basis === "own" ? Math.min(Number(slider.max), D.year) : state.year;
  slider.setAttribute("aria-valuetext", shownYear());
  $("year-shown").textContent = shownYear();
  $("own-label").textContent = `${one.own.when}, ${one.own.label}`;
  for (const [name, value] of [["basis", state.basis], ["per", state.per]])
    document.querySelector(`input[name=${name}][value=${value}]`).checked = true;
  $("layer").value = state.layer;
  $("country").value = state.chosen < 0 ? "" : D.codes[state.chosen];
  $("about").textContent = one.about;
  colour();
  if (state.chosen < 0) panelOfWorld(); else panelOf(state.chosen);
  if (!whatElse) {  // while years run by: what is costly waits
    clearTimeout(pending);
    pending = setTimeout(table, 250);
    return;
  }
  legend(); ring(); arcs(); table();
}

function choose(i) {
  state.chosen = i;
  if (i >= 0) say(sentence(i));
  refresh();
}

function setYear(year) {
  state.basis = "series";
  state.year = year;
  refresh(false);
}

let running = 0;
function stop() {
  clearInterval(running);
  running = 0;
  $("play").textContent = "Play";
  $("play").setAttribute("aria-pressed", "false");
}
function play() {
  if (running) return stop();
  const years = layer().series.years;
  if (state.basis !== "series" || state.year >= years.at(-1)) setYear(years[0]);
  $("play").textContent = "Pause";
  $("play").setAttribute("aria-pressed", "true");
  running = setInterval(() => {
    if (state.year >= years.at(-1)) return stop();
    setYear(state.year + 1);
  }, 450);
}

D.layers.forEach((one, k) => $("layer").append(new Option(one.label, k)));
D.codes.map((code, i) => [D.names[i], code]).sort((a, b) => a[0].localeCompare(b[0])).forEach(([name, code]) => $("country").append(new Option(name, code)));

$("layer").addEventListener("change", event => { stop(); state.layer = Number(event.target.value); refresh(); });
$("country").addEventListener("change", event => choose(event.target.value ? at.get(event.target.value) : -1));
$("year").addEventListener("input", event => { stop(); setYear(Number(event.target.value)); });
$("play").addEventListener("click", play);
$("arcs").addEventListener("change", event => { state.arcs = event.target.checked; arcs(); });
for (const input of document.querySelectorAll("input[name=per]")) input.addEventListener("change", () => { state.per = input.value; refresh(); });
for (const input of document.querySelectorAll("input[name=basis]")) input.addEventListener("change", () => { stop(); state.basis = input.value; refresh(); });
$("table").tHead.addEventListener("click", event => {
  const key = event.target.dataset.key;
  if (!key) return;
  state.down = state.sort === key ? !state.down : key !== "name";
  state.sort = key;
  table();
});
$("table").tBodies[0].addEventListener("click", event => {
  const row = event.target.closest("th") && event.target.closest("tr");
  if (row) choose(Number(row.dataset.i));
});
$("download").addEventListener("click", () => {
  const link = el("a");
  link.href = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
  link.download = `${layer().id.replace(/\W+/g, "-")}-${shownYear().replace("–", "-")}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
});

let drag = null;
map.addEventListener("pointerdown", event => { drag = { x: event.clientX, y: event.clientY, moved: false, vx: view.x, vy: view.y }; });
map.addEventListener("pointermove", event => {
  if (drag && event.buttons && view.zoom > 1 && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > 4) {
    const scale = whole[2] / view.zoom / drawing.clientWidth;
    drag.moved = true;
    view.x = drag.vx - (event.clientX - drag.x) * scale;
    view.y = drag.vy - (event.clientY - drag.y) * scale;
    tip.hidden = true;
    show();
  } else if (!event.buttons || event.pointerType !== "touch") hover(event);
});
map.addEventListener("pointerleave", () => { drag = null; tip.hidden = true; });
map.addEventListener("click", event => {
  if ((drag && drag.moved) || event.target.closest("button")) return;
  const hit = under(event);
  if (hit && hit.flow) return hover(event);
  choose(hit ? (hit.country === state.chosen ? -1 : hit.country) : -1);
  if (hit) hover(event);
});
map.addEventListener("dblclick", event => { const p = point(event); zoom(2, p.x, p.y); });
$("zoom-in").addEventListener("click", () => (state.chosen >= 0 ? zoom(2, ...D.spots[state.chosen]) : zoom(2)));
$("zoom-out").addEventListener("click", () => zoom(0.5));
map.addEventListener("keydown", event => {
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (event.target !== map) return;
  if (event.key in ways) {
    const from = state.keyed >= 0 ? state.keyed : state.chosen >= 0 ? state.chosen : -1;
    state.keyed = from < 0 ? at.get("DEU") ?? 0 : towards(from, ...ways[event.key]);
    ring();
    tipAtKey();
    say(sentence(state.keyed));
  } else if (event.key === "Enter" && state.keyed >= 0) choose(state.keyed);
  else if (event.key === "Escape") { state.keyed = -1; tip.hidden = true; choose(-1); }
  else if (event.key === "+") zoom(2, ...(state.keyed >= 0 ? D.spots[state.keyed] : []));
  else if (event.key === "-") zoom(0.5);
  else return;
  event.preventDefault();
});
map.addEventListener("blur", () => { tip.hidden = true; });
refresh();
