// @vitest-environment jsdom
import { act, renderHook } from '@testing-library/react';
import { ConnectionState, Room } from 'livekit-client';
import { afterEach, describe, expect, it } from 'vitest';
import { ApiError } from '../api/errors';
import { dismissAllToasts, getToasts } from '../ui/toastStore';
import type { Member } from './useMemberToken';
import { useRights } from './useRights';

const refusal = new ApiError(401, { error: 'x', code: 'invalid_token', message: 'Invalid token' } as never, undefined);
const texts = () => getToasts().map(({ text }) => text);

function enter(more: Partial<Member> = {}, state = ConnectionState.Connected) {
  const room = new Room();
  Object.defineProperty(room, 'state', { get: () => state });
  const member = (token: string) => ({ token, can: () => true, ...more }) as unknown as Member;
  return renderHook(({ token }) => useRights(room, member(token)), { initialProps: { token: 'old' } });
}

afterEach(() => dismissAllToasts());

describe('whose link was replaced', () => {
  it('hears of it once, and is offered no more of what the box refuses', () => {
    const { result, rerender } = enter();
    expect(result.current.can('canRecord')).toBe(true);
    act(() => void result.current.refused(refusal));
    act(() => void result.current.refused(refusal));
    expect(texts()).toEqual([expect.stringMatching(/^Your link was replaced/)]);
    expect(result.current.can('canRecord')).toBe(false);
    expect(result.current.can('canMuteParticipants')).toBe(false);
    expect(result.current.can('canPublishAudio')).toBe(true);
    rerender({ token: 'new' });
    expect(result.current.can('canRecord')).toBe(true);
  });

  it('is not meant by other errors', () => {
    const { result } = enter();
    expect(result.current.refused(new ApiError(403, undefined, undefined))).toBe(false);
    expect(texts()).toEqual([]);
  });

  it('hears nothing when the meeting is over', () => {
    const { result } = enter({}, ConnectionState.Disconnected);
    expect(result.current.refused(refusal)).toBe(true);
    expect(texts()).toEqual([]);
  });

  it('keeps the buttons when the box knows them otherwise', () => {
    const { result } = enter({ userId: 'anna' });
    act(() => void result.current.refused(refusal));
    expect(result.current.can('canRecord')).toBe(true);
    expect(texts()).toEqual([expect.stringMatching(/^Your rights have just changed/)]);
  });
});
