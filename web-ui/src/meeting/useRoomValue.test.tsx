// @vitest-environment jsdom
import { act, renderHook } from '@testing-library/react';
import { Room, RoomEvent } from 'livekit-client';
import { expect, it } from 'vitest';
import { useRoomValue } from './useRoomValue';
import { useOutage } from './useOutage';
import { useTiles } from './useTiles';

const EVENTS = [RoomEvent.RecordingStatusChanged];

const listening = (room: Room) => Object.values(RoomEvent).reduce((sum, event) => sum + room.listenerCount(event), 0);

it('follows the room', () => {
  const room = new Room();
  const { result } = renderHook(() => useRoomValue(room, EVENTS, (one) => one.isRecording));
  expect(result.current).toBe(false);
  Object.defineProperty(room, 'isRecording', { value: true });
  act(() => void room.emit(RoomEvent.RecordingStatusChanged, true));
  expect(result.current).toBe(true);
});

it('listens to the room no more often after a thousand renders, and not at all afterwards', () => {
  const room = new Room();
  const before = listening(room);
  const { rerender, unmount } = renderHook(() => {
    useTiles(room, useOutage(room));
    return useRoomValue(room, EVENTS, (one) => one.isRecording);
  });
  const once = listening(room);
  for (let render = 0; render < 1000; render += 1) rerender();
  expect(listening(room)).toBe(once);
  unmount();
  expect(listening(room)).toBe(before);
});
