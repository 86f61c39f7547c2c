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

interface Answer {
  good: (token: string) => void;
  bad: () => void;
}

function hold() {
  const answers: Answer[] = [];
  vi.mocked(refreshMemberToken).mockImplementation(
    () => new Promise((good, reject) => answers.push({ good, bad: () => reject(new Error('busy')) })),
  );
  const room = new Room();
  const { result } = renderHook(() => useMemberToken(room, 'a', undefined, tokenOf('other')));
  const told = () =>
    act(() => {
      room.emit(RoomEvent.DataReceived, new Uint8Array(), undefined, undefined, ROLE_UPDATED);
    });
  const answered = (give: () => void) =>
    act(async () => {
      give();
      await Promise.resolve();
    });
  return { answers, result, told, answered };
}

it('has the rights of the last change, in whatever order the answers come', async () => {
  const { answers, result, told, answered } = hold();
  told();
  told();
  await waitFor(() => expect(answers).toHaveLength(2));
  await answered(() => answers[1]?.good(tokenOf('other')));
  await answered(() => answers[0]?.good(tokenOf('moderator')));
  expect(result.current.badge).toBe('other');
});

it.each(['before', 'after'])('keeps a good answer when a later renewal fails %s it', async (when) => {
  const { answers, result, told, answered } = hold();
  told();
  told();
  await waitFor(() => expect(answers).toHaveLength(2));
  if (when === 'before') await answered(() => answers[1]?.bad());
  await answered(() => answers[0]?.good(tokenOf('moderator')));
  if (when === 'after') await answered(() => answers[1]?.bad());
  await waitFor(() => expect(result.current.badge).toBe('moderator'));
});
