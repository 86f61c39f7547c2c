import { describe, expect, it } from 'vitest';
import { pickFocus, promoteSpeaker } from './focus';

const tile = (identity: string, more: { isScreen?: boolean; isLocal?: boolean } = {}) => ({
  id: `${identity} ${more.isScreen ? 'screen' : 'camera'}`,
  isScreen: more.isScreen ?? false,
  isLocal: more.isLocal ?? false,
  reference: { participant: { identity } },
});
const me = tile('me', { isLocal: true });
const ann = tile('ann');
const ben = tile('ben');
const annScreen = tile('ann', { isScreen: true });
const none = { pinned: undefined, speaker: undefined, speakerLayout: false };

describe('pickFocus', () => {
  it('shows all alike in the grid', () => {
    expect(pickFocus([ann, ben, me], none)).toBeUndefined();
  });

  it('prefers what the user pinned over everything', () => {
    const wish = { pinned: ben.id, speaker: 'ann', speakerLayout: true };
    expect(pickFocus([annScreen, ann, ben, me], wish)).toBe(ben);
  });

  it('makes a screen of somebody else large in any layout', () => {
    expect(pickFocus([annScreen, ann, me], none)).toBe(annScreen);
  });

  it("does not blow up one's own screen", () => {
    expect(pickFocus([tile('me', { isScreen: true, isLocal: true }), ann, me], none)).toBeUndefined();
  });

  it('follows the speaker in the speaker layout', () => {
    expect(pickFocus([ann, ben, me], { ...none, speaker: 'ben', speakerLayout: true })).toBe(ben);
    expect(pickFocus([ann, ben, me], { ...none, speakerLayout: true })).toBe(ann);
  });

  it('forgets a pin of somebody who has left', () => {
    expect(pickFocus([ann, me], { ...none, pinned: 'gone camera' })).toBeUndefined();
  });
});

describe('promoteSpeaker', () => {
  it('brings a speaker of a later page onto the first', () => {
    const order = promoteSpeaker([ann, ben, me], 'me', 2);
    expect(order.map(({ reference }) => reference.participant.identity)).toEqual(['ann', 'me', 'ben']);
  });

  it('leaves speakers on the first page where they are', () => {
    const tiles = [ann, ben, me];
    expect(promoteSpeaker(tiles, 'ben', 2)).toBe(tiles);
    expect(promoteSpeaker(tiles, undefined, 2)).toBe(tiles);
  });
});
