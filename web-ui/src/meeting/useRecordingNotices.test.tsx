// @vitest-environment jsdom
import { act, renderHook } from '@testing-library/react';
import { Room, RoomEvent } from 'livekit-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { lastRecording } from '../api/recordings';
import { dismissToast, getToasts } from '../ui/toastStore';
import type { Member } from './useMemberToken';
import { useRecordingNotices } from './useRecordingNotices';

vi.mock('../api/recordings', () => ({ lastRecording: vi.fn() }));

const rest = vi.mocked(lastRecording);
const shown = () => getToasts().map(({ text, tone }) => `${tone}: ${text}`);

function record(mayLook: boolean) {
  const room = new Room();
  let metadata: string | undefined;
  Object.defineProperty(room, 'metadata', { get: () => metadata });
  const say = (endReason: string) => {
    metadata = JSON.stringify({ huddlebox: { recordingEnded: { recordingId: 'a', endReason } } });
    act(() => void room.emit(RoomEvent.RoomMetadataChanged, metadata ?? ''));
  };
  const member = { token: 't', can: () => mayLook } as unknown as Member;
  const { rerender } = renderHook(({ on }) => useRecordingNotices(room, 'room', member, on), {
    initialProps: { on: false },
  });
  const set = (on: boolean) => rerender({ on });
  return { say, set };
}

const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));
const clear = () => {
  for (const { id } of getToasts()) dismissToast(id);
};

beforeEach(() => {
  vi.useFakeTimers();
  rest.mockReset().mockResolvedValue(undefined);
});

afterEach(() => {
  clear();
  vi.useRealTimers();
});

describe('the end of a recording', () => {
  it('is told with its reason, which stays on the screen', async () => {
    const { say, set } = record(false);
    set(true);
    clear();
    say('disk_full');
    set(false);
    await pass(1000);
    expect(shown()).toEqual([expect.stringMatching(/^bad: .*storage of the box is full/)]);
    await pass(60_000);
    expect(shown()).toHaveLength(1);
    expect(rest).not.toHaveBeenCalled();
  });

  it('is told to those who may look when the room says nothing', async () => {
    rest.mockResolvedValue({ status: 'limit_reached' } as never);
    const { set } = record(true);
    set(true);
    clear();
    set(false);
    await pass(1000);
    expect(shown()).toEqual([expect.stringMatching(/storage of the box is full/)]);
  });

  it('is told without a reason where none is known', async () => {
    rest.mockRejectedValue(new Error('unreachable'));
    const { set } = record(true);
    set(true);
    clear();
    set(false);
    await pass(3000);
    expect(shown()).toEqual(['info: Recording has stopped.']);
  });

  it('is not mistaken for that of an earlier one', async () => {
    const { say, set } = record(false);
    say('disk_full');
    set(true);
    clear();
    set(false);
    await pass(3000);
    expect(shown()).toEqual(['info: Recording has stopped.']);
  });

  it('is no news when another begins at once', async () => {
    const { set } = record(false);
    set(true);
    clear();
    set(false);
    set(true);
    await pass(3000);
    expect(shown()).toEqual(['info: Recording has started.']);
  });
});
