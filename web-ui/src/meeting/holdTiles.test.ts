import { Track, type RemoteParticipant } from 'livekit-client';
import { describe, expect, it } from 'vitest';
import { holdTiles } from './holdTiles';
import type { TileInfo } from './useTiles';

const tile = (identity: string, more: Partial<TileInfo> = {}): TileInfo => ({
  id: `${identity} camera`,
  reference: { participant: { identity } as RemoteParticipant, source: Track.Source.Camera },
  isScreen: false,
  isLocal: false,
  since: 1,
  pictured: true,
  dark: false,
  ...more,
});
const me = tile('me', { isLocal: true });
const ann = tile('ann');
const ben = tile('ben', { since: 2, pictured: false, dark: true });
const names = (tiles: TileInfo[]) => tiles.map(({ id, held }) => `${held ? '*' : ''}${id.split(' ')[0] ?? ''}`);

describe('holdTiles', () => {
  it('shows who is there while all is well', () => {
    expect(names(holdTiles([ann, ben, me], [ben, me], 'none'))).toEqual(['ben', 'me']);
  });

  it('holds everybody while the connection is lost, but never oneself', () => {
    expect(names(holdTiles([ann, ben, me], [me], 'lost'))).toEqual(['*ann', '*ben', 'me']);
    expect(names(holdTiles([ann, me], [], 'lost'))).toEqual(['*ann']);
  });

  it('lets go of each as it comes back, in its old place', () => {
    const lost = holdTiles([ann, ben, me], [me], 'lost');
    const first = holdTiles(lost, [me, tile('ben', { since: 50, pictured: false, dark: true })], 'settling');
    expect(names(first)).toEqual(['*ann', 'ben', 'me']);
    expect(first.find(({ id }) => id === ben.id)?.since).toBe(ben.since);
  });

  it('waits for the picture of somebody whose picture was there', () => {
    const lost = holdTiles([ann, me], [me], 'lost');
    const arrived = holdTiles(lost, [me, tile('ann', { pictured: false })], 'settling');
    expect(names(arrived)).toEqual(['*ann', 'me']);
    expect(names(holdTiles(arrived, [me, ann], 'settling'))).toEqual(['ann', 'me']);
  });

  it('does not wait for a picture that is switched off', () => {
    const lost = holdTiles([ann, me], [me], 'lost');
    expect(names(holdTiles(lost, [me, tile('ann', { pictured: false, dark: true })], 'settling'))).toEqual([
      'ann',
      'me',
    ]);
  });

  it('lets go of who did not come back', () => {
    const lost = holdTiles([ann, ben, me], [me], 'lost');
    expect(names(holdTiles(lost, [me], 'none'))).toEqual(['me']);
  });

  it('holds them through a second loss', () => {
    const lost = holdTiles([ann, me], [me], 'lost');
    const again = holdTiles(holdTiles(lost, [me], 'settling'), [me], 'lost');
    expect(names(again)).toEqual(['*ann', 'me']);
    expect(again[0]?.pictured).toBe(true);
  });

  it('shows who comes new meanwhile', () => {
    expect(names(holdTiles([ann, me], [me, tile('eve')], 'settling'))).toEqual(['*ann', 'me', 'eve']);
  });
});
