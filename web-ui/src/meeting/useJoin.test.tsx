// @vitest-environment jsdom
import { act, renderHook } from '@testing-library/react';
import { DisconnectReason, RoomEvent, type LocalAudioTrack, type Room } from 'livekit-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { memberToken } from '../api/rooms';
import { connectRoom } from './connect';
import { useJoin, type Entry } from './useJoin';

vi.mock('../api/rooms', () => ({ memberToken: vi.fn() }));
vi.mock('./connect', () => ({ connectRoom: vi.fn() }));

const connect = vi.mocked(connectRoom);
const silent: Entry = { name: 'Ann', audio: false, video: false };
const settle = (ms = 0) => act(() => vi.advanceTimersByTimeAsync(ms));

function open() {
  const { result, unmount } = renderHook(() => useJoin('room', 'secret'));
  const stage = () => result.current.state.stage;
  const room = () => connect.mock.lastCall?.[0] as Room;
  const enter = async (entry = silent) => {
    act(() => result.current.join(entry));
    await settle();
  };
  const end = (reason: DisconnectReason) => act(() => void room().emit(RoomEvent.Disconnected, reason));
  return { result, unmount, stage, room, enter, end };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.mocked(memberToken).mockReset().mockResolvedValue('token');
  connect.mockReset().mockResolvedValue(undefined);
});

afterEach(() => vi.useRealTimers());

describe('useJoin', () => {
  it('is in the meeting before slow devices are, and says if they fail', async () => {
    const { result, stage, enter } = open();
    let refuse: (error: Error) => void = () => undefined;
    connect.mockImplementationOnce((room) => {
      vi.spyOn(room.localParticipant, 'setMicrophoneEnabled').mockReturnValue(new Promise((_, no) => (refuse = no)));
      return Promise.resolve();
    });
    await enter({ ...silent, audio: true });
    expect(result.current.state).toMatchObject({ stage: 'meeting', mediaProblem: false });
    refuse(new Error('busy'));
    await settle();
    expect(stage()).toBe('meeting');
    expect(result.current.state).toMatchObject({ mediaProblem: true });
  });

  it('leaves the preview its tracks when joining fails', async () => {
    const { result, enter } = open();
    const track = { kind: 'audio', stop: vi.fn() } as unknown as LocalAudioTrack;
    connect.mockRejectedValueOnce(new Error('no'));
    await enter({ ...silent, tracks: [track] });
    expect(result.current.state).toMatchObject({ stage: 'lobby', problem: { message: 'no' } });
    expect(track.stop).not.toHaveBeenCalled();
  });

  it('comes back by itself after a restart, and takes one seat however impatient one is', async () => {
    const { result, stage, enter, end } = open();
    await enter();
    let answer: (token: string) => void = () => undefined;
    vi.mocked(memberToken).mockReturnValueOnce(new Promise((yes) => (answer = yes)));
    end(DisconnectReason.SERVER_SHUTDOWN);
    await settle(1000);
    act(() => result.current.rejoin());
    expect(result.current.state).toEqual({ stage: 'joining', again: true });
    answer('token');
    await settle();
    expect(stage()).toBe('meeting');
    expect(connect).toHaveBeenCalledTimes(2);
  });

  it('keeps the reason of the end when rejoining fails', async () => {
    const { result, enter, end } = open();
    await enter();
    end(DisconnectReason.PARTICIPANT_REMOVED);
    connect.mockRejectedValueOnce(new Error('no'));
    act(() => result.current.rejoin());
    await settle();
    expect(result.current.state).toMatchObject({ stage: 'left', reason: 'removed', problem: { message: 'no' } });
  });

  it('brings nobody back who left', async () => {
    const { stage, enter, end } = open();
    await enter();
    end(DisconnectReason.CLIENT_INITIATED);
    await settle(60_000);
    expect(stage()).toBe('left');
    expect(connect).toHaveBeenCalledTimes(1);
  });

  it('leaves a meeting whose page was closed while it opened', async () => {
    const { unmount, result } = open();
    const track = { kind: 'audio', stop: vi.fn() } as unknown as LocalAudioTrack;
    const left = vi.fn(() => Promise.resolve());
    connect.mockImplementationOnce((room) => {
      room.disconnect = left;
      return Promise.resolve();
    });
    act(() => result.current.join({ ...silent, tracks: [track] }));
    unmount();
    await settle();
    expect(left).toHaveBeenCalledOnce();
    expect(track.stop).toHaveBeenCalledOnce();
  });
});
