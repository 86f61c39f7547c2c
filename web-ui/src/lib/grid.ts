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
