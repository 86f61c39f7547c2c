/** When the LiveKit client tries again after losing the box: often, as a box restarts in a second or two. */
import type { ReconnectContext, ReconnectPolicy } from 'livekit-client';

const FIRST_MS = [0, 300, 700, 1200];
const THEN_MS = 2000;
/** Spreads a full meeting's attempts. */
const JITTER_MS = 400;
/** After this the page leaves the meeting and tries to join anew. */
const PATIENCE_MS = 60_000;

export const reconnectPolicy: ReconnectPolicy = {
  nextRetryDelayInMs({ retryCount, elapsedMs }: ReconnectContext): number | null {
    if (elapsedMs > PATIENCE_MS) return null;
    const delay = FIRST_MS[retryCount] ?? THEN_MS;
    return retryCount === 0 ? delay : delay + Math.random() * JITTER_MS;
  },
};
