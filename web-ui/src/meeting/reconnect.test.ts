import { Room } from 'livekit-client';
import { describe, expect, it, vi } from 'vitest';
import { onConnectionLost, Reconnection } from './reconnect';

describe('Reconnection', () => {
  it('tries at once, then never waits longer than a box needs to restart', () => {
    const policy = new Reconnection();
    expect(policy.nextRetryDelayInMs({ retryCount: 0, elapsedMs: 0 })).toBe(0);
    for (let retryCount = 1; retryCount < 30; retryCount += 1) {
      const delay = policy.nextRetryDelayInMs({ retryCount, elapsedMs: 5000 });
      expect(delay).toBeGreaterThan(0);
      expect(delay).toBeLessThanOrEqual(2400);
    }
  });

  it('gives up after a minute', () => {
    expect(new Reconnection().nextRetryDelayInMs({ retryCount: 30, elapsedMs: 60_001 })).toBeNull();
  });

  it('tells of a loss once, before the first attempt, until nobody listens', () => {
    const reconnectPolicy = new Reconnection();
    const room = new Room({ reconnectPolicy });
    const lost = vi.fn();
    const stop = onConnectionLost(room, lost);
    for (let retryCount = 0; retryCount < 5; retryCount += 1)
      reconnectPolicy.nextRetryDelayInMs({ retryCount, elapsedMs: 100 });
    expect(lost).toHaveBeenCalledOnce();
    stop();
    reconnectPolicy.nextRetryDelayInMs({ retryCount: 0, elapsedMs: 0 });
    expect(lost).toHaveBeenCalledOnce();
  });
});
