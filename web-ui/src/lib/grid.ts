/** Where tiles go. Pure geometry, in CSS pixels. */

export interface GridShape {
  columns: number;
  rows: number;
  tileWidth: number;
  tileHeight: number;
}

const GAP = 8;
const WIDE = 16 / 9;
const TALL = 1;

/** The columns that make `count` tiles largest. Tiles are 16:9; on an upright screen up to square. */
export function bestGrid(count: number, width: number, height: number): GridShape {
  const upright = height > width;
  let best: GridShape = { columns: 1, rows: Math.max(1, count), tileWidth: 0, tileHeight: 0 };
  for (let columns = 1; columns <= Math.max(1, count); columns += 1) {
    const shape = gridOf(count, columns, width, height, upright);
    if (shape.tileWidth * shape.tileHeight > best.tileWidth * best.tileHeight) best = shape;
  }
  return best;
}

function gridOf(count: number, columns: number, width: number, height: number, upright: boolean): GridShape {
  const rows = Math.ceil(Math.max(1, count) / columns);
  const cellWidth = Math.max(0, (width - GAP * (columns - 1)) / columns);
  const cellHeight = Math.max(0, (height - GAP * (rows - 1)) / rows);
  const tileWidth = Math.floor(Math.min(cellWidth, cellHeight * WIDE));
  const tileHeight = Math.floor(Math.min(cellHeight, tileWidth / (upright ? TALL : WIDE)));
  return { columns, rows, tileWidth, tileHeight };
}

/** How many tiles one page holds so that a face stays recognisable. */
export function pageSize(width: number, height: number): number {
  const smallest = Math.min(width, height) < 600 ? { width: 140, height: 104 } : { width: 200, height: 150 };
  const across = Math.max(1, Math.floor((width + GAP) / (smallest.width + GAP)));
  const down = Math.max(1, Math.floor((height + GAP) / (smallest.height + GAP)));
  return Math.min(25, Math.max(2, across * down));
}

export interface Rect {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Places of `count` tiles in a grid; a row that is not full stands in the middle. */
export function gridRects(count: number, width: number, height: number): Rect[] {
  const { columns, rows, tileWidth, tileHeight } = bestGrid(count, width, height);
  const top = (height - span(rows, tileHeight)) / 2;
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const left = (width - span(Math.min(columns, count - row * columns), tileWidth)) / 2;
    return {
      left: Math.round(left + (index % columns) * (tileWidth + GAP)),
      top: Math.round(top + row * (tileHeight + GAP)),
      width: tileWidth,
      height: tileHeight,
    };
  });
}

/** One large tile, and beside it (on an upright screen below it) as many of the others as fit. */
export function focusRects(others: number, width: number, height: number): { main: Rect; rail: Rect[] } {
  if (others === 0) return { main: { left: 0, top: 0, width, height }, rail: [] };
  const { below, tileWidth, tileHeight, fits } = railShape(width, height);
  const count = Math.min(others, fits);
  const main = below
    ? { left: 0, top: 0, width, height: Math.max(0, height - tileHeight - GAP) }
    : { left: 0, top: 0, width: Math.max(0, width - tileWidth - GAP), height };
  const start = below ? (width - span(count, tileWidth)) / 2 : (height - span(count, tileHeight)) / 2;
  const rail = Array.from({ length: count }, (_, index) => ({
    left: Math.round(below ? start + index * (tileWidth + GAP) : width - tileWidth),
    top: Math.round(below ? height - tileHeight : start + index * (tileHeight + GAP)),
    width: tileWidth,
    height: tileHeight,
  }));
  return { main, rail };
}

/** How many tiles fit beside the large one. */
export function railSize(width: number, height: number): number {
  return railShape(width, height).fits;
}

function railShape(width: number, height: number) {
  const below = width < height * 1.25;
  const share = below ? width * 0.24 : width * 0.17;
  const tileWidth = Math.round(Math.min(240, Math.max(140, share)));
  const tileHeight = Math.round(tileWidth / WIDE);
  const fits = below ? (width + GAP) / (tileWidth + GAP) : (height + GAP) / (tileHeight + GAP);
  return { below, tileWidth, tileHeight, fits: Math.max(1, Math.floor(fits)) };
}

/** A small tile over the lower right corner. */
export function floatRect(width: number, height: number): Rect {
  const tileWidth = Math.round(Math.min(220, Math.max(128, width * 0.2)));
  const tileHeight = Math.round(tileWidth / WIDE);
  return { left: width - tileWidth - GAP, top: height - tileHeight - GAP, width: tileWidth, height: tileHeight };
}

function span(count: number, size: number): number {
  return count * size + Math.max(0, count - 1) * GAP;
}
