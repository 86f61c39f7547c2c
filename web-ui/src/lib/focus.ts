/** Which picture is large. Knows tiles only by what it needs. */

export interface Focusable {
  id: string;
  isScreen: boolean;
  isLocal: boolean;
  reference: { participant: { identity: string } };
}

export interface FocusWish {
  /** Id of the tile the user pinned. */
  pinned: string | undefined;
  /** Identity of the last speaker. */
  speaker: string | undefined;
  speakerLayout: boolean;
}

/**
 * A pinned picture wins, then a shared screen, then (in the speaker layout) whoever spoke last,
 * then the first other. In the grid layout nothing else is large.
 */
export function pickFocus<T extends Focusable>(tiles: readonly T[], wish: FocusWish): T | undefined {
  const pinned = tiles.find((tile) => tile.id === wish.pinned);
  if (pinned) return pinned;
  const screen = tiles.find((tile) => tile.isScreen && !tile.isLocal);
  if (screen) return screen;
  if (!wish.speakerLayout || tiles.length < 2) return undefined;
  const people = tiles.filter((tile) => !tile.isScreen);
  return (
    people.find((tile) => tile.reference.participant.identity === wish.speaker) ??
    people.find((tile) => !tile.isLocal) ??
    tiles[0]
  );
}

/** Brings somebody who speaks on a later page to the end of the first; nobody else moves twice. */
export function promoteSpeaker<T extends Focusable>(
  tiles: readonly T[],
  speaker: string | undefined,
  perPage: number,
): readonly T[] {
  const index = tiles.findIndex((tile) => !tile.isScreen && tile.reference.participant.identity === speaker);
  const last = tiles[perPage - 1];
  const found = tiles[index];
  if (index < perPage || !last || !found) return tiles;
  return tiles.map((tile, at) => (at === perPage - 1 ? found : at === index ? last : tile));
}
