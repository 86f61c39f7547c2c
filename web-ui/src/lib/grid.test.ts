import { describe, expect, it } from 'vitest';
import { bestGrid, floatRect, focusRects, gridRects, pageSize, railSize, type Rect } from './grid';

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

function apart(rects: Rect[], width: number, height: number): void {
  for (const [index, one] of rects.entries()) {
    expect(one.left).toBeGreaterThanOrEqual(0);
    expect(one.top).toBeGreaterThanOrEqual(0);
    expect(one.left + one.width).toBeLessThanOrEqual(width);
    expect(one.top + one.height).toBeLessThanOrEqual(height);
    for (const other of rects.slice(index + 1)) {
      const beside = one.left + one.width <= other.left || other.left + other.width <= one.left;
      const above = one.top + one.height <= other.top || other.top + other.height <= one.top;
      expect(beside || above).toBe(true);
    }
  }
}

describe('places', () => {
  const large = SCREENS.slice(0, 3);

  it.each(large)('of a grid lie on %s × %s and never over each other', (width, height) => {
    for (let count = 1; count <= 25; count += 1) apart(gridRects(count, width, height), width, height);
  });

  it.each(large)('around a large tile lie on %s × %s and never over each other', (width, height) => {
    for (let others = 0; others <= 25; others += 1) {
      const { main, rail } = focusRects(others, width, height);
      apart([main, ...rail], width, height);
      expect(rail).toHaveLength(Math.min(others, railSize(width, height)));
      for (const small of rail) expect(small.width * small.height).toBeLessThan(main.width * main.height);
    }
  });

  it('puts the floating tile inside', () => {
    apart([floatRect(304, 566)], 304, 566);
  });
});
