/** Where tiles go. Pure geometry, in CSS pixels. */

export interface GridShape {
  columns: number;
  rows: number;
  tileWidth: number;
  tileHeight: number;
}

const GAP = 8;
const ASPECT = 16 / 9;

/** The columns that make `count` tiles largest. Tiles fill their cell up to 4:3 … 16:9. */
export function bestGrid(count: number, width: number, height: number): GridShape {
  let best: GridShape = { columns: 1, rows: Math.max(1, count), tileWidth: 0, tileHeight: 0 };
  let bestArea = -1;
  for (let columns = 1; columns <= Math.max(1, count); columns += 1) {
    const rows = Math.ceil(Math.max(1, count) / columns);
    const cellWidth = Math.max(0, (width - GAP * (columns - 1)) / columns);
    const cellHeight = Math.max(0, (height - GAP * (rows - 1)) / rows);
    const tileWidth = Math.min(cellWidth, cellHeight * ASPECT);
    const tileHeight = Math.min(cellHeight, tileWidth / (4 / 3), cellWidth / (4 / 3));
    const area = tileWidth * Math.min(tileHeight, tileWidth / ASPECT);
    if (area > bestArea + 0.5) {
      bestArea = area;
      best = {
        columns,
        rows,
        tileWidth: Math.floor(tileWidth),
        tileHeight: Math.floor(Math.max(tileHeight, tileWidth / ASPECT)),
      };
    }
  }
  return best;
}

/** How many tiles one page holds so that a face stays recognisable. */
export function pageSize(width: number, height: number): number {
  const across = Math.max(1, Math.floor(width / 200));
  const down = Math.max(1, Math.floor(height / 150));
  return Math.min(25, Math.max(2, across * down));
}
