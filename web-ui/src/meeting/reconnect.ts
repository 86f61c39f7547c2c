/**
 * When the LiveKit client tries again after losing the box: often, as a box restarts in a second or two. Asked first
 * thing after a loss, it also is the one to tell of it while the pictures are still there.
 */
import type { ReconnectContext, ReconnectPolicy, Room } from 'livekit-client';

const FIRST_MS = [0, 300, 700, 1200];
const THEN_MS = 2000;
/** Spreads a full meeting's attempts. */
const JITTER_MS = 400;
/** After this the page leaves the meeting and tries to join anew. */
const PATIENCE_MS = 60_000;

export class Reconnection implements ReconnectPolicy {
  private readonly listeners = new Set<() => void>();

  onLost(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  nextRetryDelayInMs({ retryCount, elapsedMs }: ReconnectContext): number | null {
    if (retryCount === 0) for (const listener of this.listeners) listener();
    if (elapsedMs > PATIENCE_MS) return null;
    const delay = FIRST_MS[retryCount] ?? THEN_MS;
    return retryCount === 0 ? delay : delay + Math.random() * JITTER_MS;
  }
}

/** Calls before the client takes the lost connection's participants and pictures down. Returns the unsubscribe. */
export function onConnectionLost(room: Room, listener: () => void): () => void {
  const policy = room.options.reconnectPolicy;
  return policy instanceof Reconnection ? policy.onLost(listener) : () => undefined;
}
