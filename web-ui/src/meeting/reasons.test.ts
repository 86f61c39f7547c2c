import { ConnectionError, DisconnectReason } from 'livekit-client';
import { describe, expect, it } from 'vitest';
import { ApiError, UnreachableError } from '../api/errors';
import { en } from '../locales/en';
import { leaveReason, wantsRejoin } from './disconnect';
import { problemOf } from './problem';

describe('leaveReason', () => {
  const all = Object.values(DisconnectReason).filter((value) => typeof value === 'number');

  it.each(all)('has words for LiveKit reason %s', (reason) => {
    const words = en.left.reason[leaveReason(reason)];
    expect(words.title).not.toBe('');
    expect(words.text).not.toBe('');
  });

  it('names what a user would ask about', () => {
    expect(leaveReason(DisconnectReason.CLIENT_INITIATED)).toBe('voluntary');
    expect(leaveReason(DisconnectReason.PARTICIPANT_REMOVED)).toBe('removed');
    expect(leaveReason(DisconnectReason.ROOM_DELETED)).toBe('ended');
    expect(leaveReason(DisconnectReason.DUPLICATE_IDENTITY)).toBe('duplicate');
    expect(leaveReason(undefined)).toBe('network');
  });

  it('brings back only those whom nobody sent away', () => {
    expect(wantsRejoin('shutdown')).toBe(true);
    expect(wantsRejoin('network')).toBe(true);
    for (const reason of ['voluntary', 'removed', 'ended', 'duplicate'] as const)
      expect(wantsRejoin(reason)).toBe(false);
  });
});

describe('problemOf', () => {
  const answered = (status: number, message = 'x') => new ApiError(status, { error: 'Room Error', message }, undefined);

  it.each([
    [answered(400), 'secret'],
    [answered(401), 'login'],
    [answered(403), 'forbidden'],
    [answered(404), 'notFound'],
    [answered(409, "Room 'a' is closed"), 'closed'],
    [answered(409, 'The meeting is full'), 'full'],
    [answered(409, "You are already in the meeting of room 'a'. Leave it first"), 'inAnother'],
    [answered(409, "Your meeting in room 'a' is still running. Go back to it"), 'ownRuns'],
    [answered(403, 'You were removed from this meeting. A moderator can invite you again.'), 'removed'],
    [answered(503), 'unreachable'],
    [new UnreachableError('gone'), 'unreachable'],
    [ConnectionError.notAllowed('no', 401), 'forbidden'],
    [ConnectionError.internal('could not establish pc connection'), 'media'],
    [new Error('?'), 'other'],
    ['?', 'other'],
  ])('%s is %s', (error, kind) => expect(problemOf(error).kind).toBe(kind));
});
