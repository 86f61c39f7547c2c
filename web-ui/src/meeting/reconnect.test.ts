import { describe, expect, it } from 'vitest';
import { reconnectPolicy } from './reconnect';

describe('reconnectPolicy', () => {
  it('tries at once, then never waits longer than a box needs to restart', () => {
    expect(reconnectPolicy.nextRetryDelayInMs({ retryCount: 0, elapsedMs: 0 })).toBe(0);
    for (let retryCount = 1; retryCount < 30; retryCount += 1) {
      const delay = reconnectPolicy.nextRetryDelayInMs({ retryCount, elapsedMs: 5000 });
      expect(delay).toBeGreaterThan(0);
      expect(delay).toBeLessThanOrEqual(2400);
    }
  });

  it('gives up after a minute', () => {
    expect(reconnectPolicy.nextRetryDelayInMs({ retryCount: 30, elapsedMs: 60_001 })).toBeNull();
  });
});
