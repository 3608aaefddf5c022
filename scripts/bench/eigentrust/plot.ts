import { POLICIES, type Row } from "./measure.ts";

const PANEL = { width: 300, height: 210, left: 42, right: 12, top: 30, bottom: 38 };
const COLUMNS = 2;
const LEGEND = 28;
const COLORS = ["#8c8c8c", "#d1711f", "#7a4fa3", "#1f6fb4"];
const DASHES = ["2 3", "6 3", "1 2", ""];

/** One panel a model: part of bad answers by policy. */
export function plotThreats(rows: readonly Row[]): string {
  const models = [...new Set(rows.map(({ model }) => model))];
  const width = COLUMNS * PANEL.width;
  const height = LEGEND + Math.ceil(models.length / COLUMNS) * PANEL.height;
  const panels = models.map((model, at) => {
    const x = (at % COLUMNS) * PANEL.width;
    const y = LEGEND + Math.floor(at / COLUMNS) * PANEL.height;
    const own = rows.filter((row) => row.model === model);
    return `<g transform="translate(${x} ${y})">\n${panel(model, own)}\n</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    "<title>Part of answers that are bad, by threat and rule</title>",
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    legend(),
    ...panels,
    "</svg>",
    "",
  ].join("\n");
}

function legend(): string {
  return POLICIES.map(({ name }, at) => {
    const x = PANEL.left + at * 140;
    return `${line(at, `${x},16 ${x + 28},16`)}<text x="${x + 34}" y="20">${name}</text>`;
  }).join("\n");
}

function line(policy: number, points: string): string {
  const dash = DASHES[policy] ? ` stroke-dasharray="${DASHES[policy]}"` : "";
  return `<polyline points="${points}" fill="none" stroke="${COLORS[policy]}" stroke-width="2"${dash}/>`;
}

function panel(model: string, rows: readonly Row[]): string {
  const { width, height, left, right, top, bottom } = PANEL;
  const xs = rows.map(({ x }) => x);
  const [first, last] = [Math.min(...xs), Math.max(...xs)];
  const atX = (x: number) => round(left + ((x - first) / (last - first || 1)) * (width - left - right));
  const atY = (y: number) => round(top + (1 - y) * (height - top - bottom));
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (y) =>
      `<line x1="${left}" x2="${width - right}" y1="${atY(y)}" y2="${atY(y)}" stroke="#dddddd"/>` +
      `<text x="${left - 6}" y="${atY(y) + 4}" text-anchor="end">${y}</text>`,
  );
  const ticks = rows.map(
    ({ x }) => `<text x="${atX(x)}" y="${height - bottom + 14}" text-anchor="middle">${x}</text>`,
  );
  const lines = POLICIES.map(({ name }, at) =>
    line(at, rows.map(({ x, bad }) => `${atX(x)},${atY(bad[name]?.mean ?? 0)}`).join(" ")),
  );
  return [
    `<text x="${left}" y="${top - 10}" font-weight="bold">${model}</text>`,
    ...grid,
    ...ticks,
    `<text x="${(left + width - right) / 2}" y="${height - 8}" text-anchor="middle">${rows[0]?.axis}</text>`,
    ...lines,
  ].join("\n");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
