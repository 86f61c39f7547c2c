/** Whether the connection to the box is broken, or was a moment ago. */
import { ConnectionState, RoomEvent, type Room } from 'livekit-client';
import { useEffect, useState } from 'react';
import { onConnectionLost } from './reconnect';

/** `settling`: connected again, but the others and their pictures are still coming back. */
export type Outage = 'none' | 'lost' | 'settling';

/** The others need about as long as we did; who is not back by then has left. */
export const SETTLE_MS = 8000;

export function useOutage(room: Room): Outage {
  const [outage, setOutage] = useState<Outage>('none');
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const lost = () => {
      clearTimeout(timer);
      setOutage('lost');
    };
    const onState = (state: ConnectionState) => {
      if (state !== ConnectionState.Connected) {
        lost();
        return;
      }
      setOutage('settling');
      clearTimeout(timer);
      timer = setTimeout(() => setOutage('none'), SETTLE_MS);
    };
    const stop = onConnectionLost(room, lost);
    room.on(RoomEvent.ConnectionStateChanged, onState);
    return () => {
      clearTimeout(timer);
      stop();
      room.off(RoomEvent.ConnectionStateChanged, onState);
    };
  }, [room]);
  return outage;
}
