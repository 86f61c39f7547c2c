// @vitest-environment jsdom
import { act, renderHook, waitFor } from '@testing-library/react';
import { Room, RoomEvent } from 'livekit-client';
import { afterEach, expect, it, vi } from 'vitest';
import { refreshMemberToken } from '../api/rooms';
import { ROLE_UPDATED } from './signals';
import { useMemberToken } from './useMemberToken';

vi.mock('../api/rooms', () => ({ refreshMemberToken: vi.fn(), memberToken: vi.fn() }));

const tokenOf = (badge: string) => `x.${btoa(JSON.stringify({ metadata: JSON.stringify({ badge }) }))}.x`;

afterEach(() => vi.mocked(refreshMemberToken).mockReset());

it('has the rights of the last change, in whatever order the answers come', async () => {
  const answers: ((token: string) => void)[] = [];
  vi.mocked(refreshMemberToken).mockImplementation(() => new Promise((resolve) => answers.push(resolve)));
  const room = new Room();
  const { result } = renderHook(() => useMemberToken(room, 'a', undefined, tokenOf('other')));
  const told = () =>
    act(() => {
      room.emit(RoomEvent.DataReceived, new Uint8Array(), undefined, undefined, ROLE_UPDATED);
    });
  told();
  told();
  await waitFor(() => expect(answers).toHaveLength(2));
  await act(async () => {
    answers[1]?.(tokenOf('other'));
    await Promise.resolve();
  });
  await act(async () => {
    answers[0]?.(tokenOf('moderator'));
    await Promise.resolve();
  });
  expect(result.current.badge).toBe('other');
});
