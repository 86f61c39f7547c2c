import { describe, expect, it } from 'vitest';
import { bestGrid, pageSize } from './grid';

const SCREENS = [
  [1264, 716],
  [304, 566],
  [880, 600],
  [60, 60],
] as const;

describe('bestGrid', () => {
  it.each(SCREENS)('fits every tile into %s × %s', (width, height) => {
    for (let count = 1; count <= 30; count += 1) {
      const { columns, rows, tileWidth, tileHeight } = bestGrid(count, width, height);
      if (tileWidth === 0 || tileHeight === 0) continue;
      expect(columns * rows).toBeGreaterThanOrEqual(count);
      expect(columns * tileWidth + (columns - 1) * 8).toBeLessThanOrEqual(width);
      expect(rows * tileHeight + (rows - 1) * 8).toBeLessThanOrEqual(height);
    }
  });

  it('fills the screen with one person', () => {
    expect(bestGrid(1, 1264, 711)).toMatchObject({ columns: 1, rows: 1, tileWidth: 1264, tileHeight: 711 });
  });

  it('stacks two people on an upright phone', () => {
    expect(bestGrid(2, 304, 566)).toMatchObject({ columns: 1, rows: 2 });
  });

  it('never fails without room', () => {
    expect(bestGrid(4, 0, 0)).toMatchObject({ tileWidth: 0 });
  });
});

describe('pageSize', () => {
  it('shows fewer people on a small screen', () => {
    expect(pageSize(304, 566)).toBeLessThan(pageSize(1264, 716));
    expect(pageSize(10, 10)).toBe(2);
    expect(pageSize(4000, 4000)).toBe(25);
  });
});
