/** Keeps the tiles of a broken connection on the screen, each in its place, until whom it shows is back. */
import type { Outage } from './useOutage';
import type { TileInfo } from './useTiles';

/** The tiles to show after `previous`, from those there are now. What comes out is not sorted. */
export function holdTiles(previous: readonly TileInfo[], live: readonly TileInfo[], outage: Outage): TileInfo[] {
  const before = new Map(previous.map((tile) => [tile.id, tile]));
  // Whoever comes back has joined anew, but keeps the old place.
  const now = live.map((tile) => ({ ...tile, since: before.get(tile.id)?.since ?? tile.since }));
  if (outage === 'none') return now;
  const back = new Map(now.map((tile) => [tile.id, tile]));
  const others = previous.filter((tile) => !tile.isLocal).map((tile) => whichever(tile, back.get(tile.id)));
  return [...others, ...now.filter(({ id, isLocal }) => isLocal || !before.has(id))];
}

function whichever(old: TileInfo, now: TileInfo | undefined): TileInfo {
  const pictureComes = old.pictured && now && !now.pictured && !now.dark;
  return now && !pictureComes ? now : { ...old, held: true };
}
