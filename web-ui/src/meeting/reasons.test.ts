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
  const answered = (status: number, code: string) =>
    new ApiError(status, { error: 'Room Error', code, message: 'x' }, undefined);

  it.each([
    [answered(400, 'bad_secret'), 'secret'],
    [answered(400, 'name_required'), 'other'],
    [answered(401, 'unauthorized'), 'login'],
    [answered(403, 'permission_missing'), 'forbidden'],
    [answered(403, 'link_disabled'), 'forbidden'],
    [answered(404, 'room_not_found'), 'notFound'],
    [answered(409, 'room_closed'), 'closed'],
    [answered(409, 'room_full'), 'full'],
    [answered(409, 'in_another_meeting'), 'inAnother'],
    [answered(409, 'own_meeting_runs'), 'ownRuns'],
    [answered(403, 'removed_from_meeting'), 'removed'],
    [answered(503, 'busy'), 'unreachable'],
    [new ApiError(502, undefined, undefined), 'unreachable'],
    [new UnreachableError('gone'), 'unreachable'],
    [ConnectionError.notAllowed('no', 401), 'forbidden'],
    [ConnectionError.internal('could not establish pc connection'), 'media'],
    [new Error('?'), 'other'],
    ['?', 'other'],
  ])('%s is %s', (error, kind) => expect(problemOf(error).kind).toBe(kind));
});
