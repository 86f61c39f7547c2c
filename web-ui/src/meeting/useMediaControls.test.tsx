// @vitest-environment jsdom
import { RoomContext } from '@livekit/components-react';
import { act, renderHook } from '@testing-library/react';
import { ParticipantEvent, Room, RoomEvent, Track, type TrackPublication } from 'livekit-client';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { recall, remember } from '../lib/storage';
import { dismissToast, getToasts } from '../ui/toastStore';
import { useMediaControls } from './useMediaControls';
import type { Member } from './useMemberToken';

const member: Member = {
  can: () => true,
  token: '',
  badge: 'other',
  roomId: 'a',
  memberId: undefined,
  userId: undefined,
  expires: undefined,
};
const microphone = { source: Track.Source.Microphone } as TrackPublication;
const camera = { source: Track.Source.Camera } as TrackPublication;

function show() {
  const room = new Room();
  const wrapper = ({ children }: { children: ReactNode }) => <RoomContext value={room}>{children}</RoomContext>;
  const { result, unmount } = renderHook(() => useMediaControls(room, member), { wrapper });
  const emit = (event: RoomEvent.TrackMuted | RoomEvent.TrackUnmuted, track = microphone) =>
    act(() => void room.emit(event, track, room.localParticipant));
  return { room, result, unmount, emit };
}

const shown = () => getToasts().map(({ text }) => text);

beforeEach(() => {
  remember('micOn', 'yes');
  remember('camOn', 'yes');
});

afterEach(() => {
  for (const { id } of getToasts()) dismissToast(id);
});

describe('being muted by somebody else', () => {
  it('is said until the microphone is on again', () => {
    const { room, emit } = show();
    const unmute = vi.spyOn(room.localParticipant, 'setMicrophoneEnabled').mockResolvedValue(undefined);
    emit(RoomEvent.TrackMuted);
    expect(shown()).toEqual(['You were muted.']);
    getToasts()[0]?.action?.onAction();
    expect(unmute).toHaveBeenCalledWith(true);
    emit(RoomEvent.TrackUnmuted);
    expect(shown()).toEqual([]);
  });

  it('is not said when one mutes oneself', () => {
    remember('micOn', 'no');
    show().emit(RoomEvent.TrackMuted);
    expect(shown()).toEqual([]);
  });

  it('is forgotten with the meeting', () => {
    const { emit, unmount } = show();
    emit(RoomEvent.TrackMuted);
    unmount();
    expect(shown()).toEqual([]);
  });
});

describe('a camera that somebody else turns off', () => {
  it('is told to its owner until it is on again, and stays off when they come back', () => {
    const { room, emit } = show();
    const turnOn = vi.spyOn(room.localParticipant, 'setCameraEnabled').mockResolvedValue(undefined);
    emit(RoomEvent.TrackMuted, camera);
    expect(shown()).toEqual(['Your camera was turned off.']);
    expect(recall('camOn')).toBe('no');
    expect(recall('micOn')).toBe('yes');
    getToasts()[0]?.action?.onAction();
    expect(turnOn).toHaveBeenCalledWith(true);
    expect(recall('camOn')).toBe('yes');
    emit(RoomEvent.TrackUnmuted, camera);
    expect(shown()).toEqual([]);
  });

  it('is not told of when one turns it off oneself', () => {
    remember('camOn', 'no');
    show().emit(RoomEvent.TrackMuted, camera);
    expect(shown()).toEqual([]);
  });
});

/** In browsers a DOMException is an Error, in jsdom it is not. */
const notAllowed = (message: string) => Object.assign(new Error(message), { name: 'NotAllowedError' });

describe('a device that does not start', () => {
  it('is told of until it is tried again', async () => {
    vi.stubGlobal('navigator', { ...navigator, mediaDevices: {} });
    const { room, result } = show();
    const start = vi.spyOn(room.localParticipant, 'setCameraEnabled');
    start.mockRejectedValueOnce(new DOMException('no', 'NotReadableError'));
    await act(async () => result.current.camera.toggle());
    expect(getToasts()).toMatchObject([{ tone: 'bad', text: expect.stringContaining('camera') as string }]);
    start.mockResolvedValueOnce(undefined);
    await act(async () => result.current.camera.toggle());
    expect(shown()).toEqual([]);
    vi.unstubAllGlobals();
  });

  it('is told of no longer when it runs after all', async () => {
    const { room, result } = show();
    vi.spyOn(room.localParticipant, 'setCameraEnabled').mockRejectedValueOnce(new Error('cut'));
    await act(async () => result.current.camera.toggle());
    expect(shown()).toHaveLength(1);
    vi.spyOn(room.localParticipant, 'isCameraEnabled', 'get').mockReturnValue(true);
    act(() => void room.localParticipant.emit(ParticipantEvent.TrackUnmuted, microphone));
    expect(shown()).toEqual([]);
  });

  it('blames the system that forbids sharing', async () => {
    const { room, result } = show();
    const share = vi.spyOn(room.localParticipant, 'setScreenShareEnabled');
    share.mockRejectedValueOnce(notAllowed('Permission denied by system'));
    await act(async () => result.current.screen.toggle());
    expect(shown()).toEqual(['Sharing the screen did not work.']);
  });

  it('says nothing when the choice of a screen was left', async () => {
    const { room, result } = show();
    vi.spyOn(room.localParticipant, 'setScreenShareEnabled').mockRejectedValueOnce(notAllowed('Permission denied'));
    await act(async () => result.current.screen.toggle());
    expect(shown()).toEqual([]);
  });
});
