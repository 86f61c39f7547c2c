/** A value of the room, read again after each of the given events. Listens once per room, however often it renders. */
import type { Room, RoomEvent } from 'livekit-client';
import { useCallback, useSyncExternalStore } from 'react';

/** `events` must be one array for ever, and `read` must give equal values for an unchanged room. */
export function useRoomValue<T>(room: Room, events: readonly RoomEvent[], read: (room: Room) => T): T {
  const subscribe = useCallback(
    (changed: () => void) => {
      for (const event of events) room.on(event, changed);
      return () => {
        for (const event of events) room.off(event, changed);
      };
    },
    [room, events],
  );
  return useSyncExternalStore(subscribe, () => read(room));
}
