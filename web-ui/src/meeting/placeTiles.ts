/** Puts the tiles of the meeting on the screen: which of them are shown, and where. */
import { floatRect, focusRects, gridRects, pageSize, railSize, type Rect } from '../lib/grid';
import { promoteSpeaker } from '../lib/focus';
import type { Size } from './useElementSize';
import type { TileInfo } from './useTiles';

export interface Placed {
  tile: TileInfo;
  rect: Rect;
  /** Over another tile. */
  floats?: boolean;
}

export interface Placement {
  placed: Placed[];
  /** The page that is shown, from 0; never beyond the last. */
  page: number;
  pages: number;
}

export interface PlacementWish {
  tiles: readonly TileInfo[];
  /** The large one, if there is one. */
  focus: TileInfo | undefined;
  /** Identity of the last speaker. */
  speaker: string | undefined;
  page: number;
}

export function placeTiles(wish: PlacementWish, { width, height }: Size): Placement {
  return wish.focus ? placeFocus(wish, wish.focus, width, height) : placeGrid(wish, width, height);
}

function placeGrid({ tiles, speaker, page }: PlacementWish, width: number, height: number): Placement {
  const own = tiles.find((tile) => tile.isLocal && !tile.isScreen);
  // With one other picture one's own floats over it.
  const floating = tiles.length === 2 ? own : undefined;
  const all = floating ? tiles.filter((tile) => tile !== floating) : tiles;
  const shown = pageOf(all, speaker, page, pageSize(width, height));
  const rects = gridRects(shown.tiles.length, width, height);
  const placed = pair(shown.tiles, rects);
  if (floating) placed.push({ tile: floating, rect: floatRect(width, height), floats: true });
  return { placed, page: shown.page, pages: shown.pages };
}

function placeFocus(wish: PlacementWish, focus: TileInfo, width: number, height: number): Placement {
  const others = wish.tiles.filter((tile) => tile.id !== focus.id);
  const shown = pageOf(others, wish.speaker, wish.page, railSize(width, height));
  const { main, rail } = focusRects(shown.tiles.length, width, height);
  return {
    placed: [{ tile: focus, rect: main }, ...pair(shown.tiles, rail)],
    page: shown.page,
    pages: shown.pages,
  };
}

function pageOf(tiles: readonly TileInfo[], speaker: string | undefined, page: number, perPage: number) {
  const pages = Math.max(1, Math.ceil(tiles.length / perPage));
  const current = Math.min(page, pages - 1);
  const ordered = promoteSpeaker(tiles, speaker, perPage);
  return { tiles: ordered.slice(current * perPage, (current + 1) * perPage), page: current, pages };
}

function pair(tiles: readonly TileInfo[], rects: readonly Rect[]): Placed[] {
  return tiles.flatMap((tile, index) => {
    const rect = rects[index];
    return rect ? [{ tile, rect }] : [];
  });
}
