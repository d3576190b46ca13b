"use strict";
// What is shown, and the figure of a country: nothing here touches the page.
const D = JSON.parse(document.getElementById("data").textContent);
const N = D.codes.length;
const at = new Map(D.codes.map((code, k) => [code, k]));
const state = { layer: 0, per: "total", basis: "own", year: D.year, chosen: -1, keyed: -1, arcs: false, sort: "value", down: true };

const layer = () => D.layers[state.layer];
const series = () => (state.basis === "series" ? layer().series : null);
const shownYear = () => (series() ? String(state.year) : layer().own.when);  // or years, "2015–2020"

function people(i, year) {
  const of = D.people.value[i], j = D.people.years.indexOf(year);
  return of && j >= 0 ? of[j] : null;
}

// One figure: {value, low, high, unit, source, method, note, estimated}, or {missing: reason}.
function figure(i, one = layer(), basis = state.basis, year = state.year, per = state.per) {
  let found;
  if (basis === "series" && one.series) {
    const s = one.series, j = s.years.indexOf(year);
    const value = s.value[i] && j >= 0 ? s.value[i][j] : null;
    if (value === null) {
      const why = j < 0 ? "no figures of " + year : one.own.value[i] === null ? D.words[one.own.note[i]].replace(/^missing: /, "") : "no figure of this country in this source";
      return { missing: why, year };
    }
    found = { value, low: s.low[i][j], high: s.high[i][j], source: D.words[s.source], method: D.words[s.method], note: D.words[s.note], estimated: !!s.estimated, year };
  } else {
    const o = one.own;
    if (o.value[i] === null) return { missing: D.words[o.note[i]].replace(/^missing: /, ""), year: D.year };
    found = { value: o.value[i], low: o.low[i], high: o.high[i], source: D.words[o.source[i]], method: D.words[o.method[i]], note: D.words[o.note[i]], estimated: !!o.estimated[i], year: D.words[o.period[i]].replace("-", "–") };
  }
  found.unit = one.unit;
  if (per === "person") {
    const persons = people(i, basis === "series" && one.series ? year : D.year);
    if (!persons) return { missing: "no population figure", year: found.year };
    for (const key of ["value", "low", "high"]) if (found[key] !== null) found[key] *= 1e6 / persons;
    found.unit = one.unit.replace(/^Mt/, "t") + " per person";
  }
  return found;
}

function number(v) {
  if (v === null || v === undefined || !isFinite(v)) return "unknown";
  const size = Math.abs(v);
  let text;
  if (size >= 99.95) text = Math.round(size).toLocaleString("en-US");
  else if (size >= 9.995) text = size.toFixed(1);
  else if (size >= 0.9995) text = size.toFixed(2);
  else if (size === 0) text = "0";
  else text = size.toPrecision(2).replace(/e.*$/, "") === size.toPrecision(2) ? size.toPrecision(2) : size.toFixed(7).replace(/0+$/, "");
  return (v < 0 ? "−" : "") + text;
}
const between = f => (f.low === null || f.high === null ? "interval unknown" : "95 %: " + number(f.low) + " to " + number(f.high));
const mark = f => (f.estimated ? "†" : "");

// Class of a value: the number of limits it reaches; in a diverging scale from -4 to 4 about zero.
function classOf(f) {
  if (f.missing !== undefined) return "nd";
  const limits = layer().breaks[state.per];
  const reached = limits.filter(limit => Math.abs(f.value) >= limit).length;
  if (!layer().diverging) return "q" + (f.value < 0 ? 0 : reached);
  return "d" + (4 + Math.sign(f.value) * reached);
}

function csvCell(v) {
  const text = v === null || v === undefined ? "" : String(v);
  return /[",\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
}

function csv() {
  const rows = [["iso3", "name", "layer", "year", "value", "low", "high", "unit", "estimated", "source", "method", "note"]];
  for (let i = 0; i < N; i++) {
    const f = figure(i), head = [D.codes[i], D.names[i], layer().label, f.year];
    rows.push(f.missing !== undefined
      ? [...head, "", "", "", "", "", "", "", "missing: " + f.missing]
      : [...head, f.value, f.low, f.high, f.unit, f.estimated, f.source, f.method, f.note]);
  }
  return rows.map(row => row.map(csvCell).join(",")).join("\n") + "\n";
}

// Flows to draw: of the country chosen, else the largest of all. Without a place: not drawn.
function flowsShown() {
  const own = state.chosen, many = own >= 0 ? 24 : 30, placed = i => i >= 0 && D.spots[i][0] !== null;
  const out = [];
  for (const flow of D.flows) {
    if (own >= 0 && flow[0] !== own && flow[1] !== own) continue;
    if (!placed(flow[0]) || !placed(flow[1])) continue;
    out.push(flow);
    if (out.length === many) break;
  }
  return out;
}
const flowName = i => (i < 0 ? "Rest of the world" : D.names[i]);
