/** The one call that opens the connection; the mock backend replaces this file. */
import type { Room } from 'livekit-client';

export function connectRoom(room: Room, url: string, token: string): Promise<void> {
  return room.connect(url, token);
}
