// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/errors';
import { memberToken } from '../api/rooms';
import { setSession } from '../api/session';
import { takeSeat } from './seat';

vi.mock('../api/rooms', () => ({ memberToken: vi.fn() }));

const ask = vi.mocked(memberToken);

beforeEach(() => {
  sessionStorage.clear();
  ask.mockReset().mockResolvedValue('first');
});

afterEach(() => setSession(undefined));

describe('coming back', () => {
  it('is as the same guest', async () => {
    await takeSeat({ roomId: 'a', participantName: 'Ann' });
    expect(ask.mock.lastCall?.[0]).not.toHaveProperty('seat');
    await takeSeat({ roomId: 'a', participantName: 'Ann' });
    expect(ask.mock.lastCall?.[0]).toMatchObject({ seat: 'first', joinMeeting: true });
    await takeSeat({ roomId: 'b', participantName: 'Ann' });
    expect(ask.mock.lastCall?.[0]).not.toHaveProperty('seat');
  });

  it('is as somebody new when the seat is over', async () => {
    await takeSeat({ roomId: 'a' });
    ask.mockRejectedValueOnce(new ApiError(401, undefined, undefined)).mockResolvedValueOnce('second');
    await expect(takeSeat({ roomId: 'a' })).resolves.toBe('second');
    expect(ask.mock.lastCall?.[0]).not.toHaveProperty('seat');
  });

  it('is refused to whom was removed', async () => {
    await takeSeat({ roomId: 'a' });
    ask.mockRejectedValueOnce(new ApiError(403, undefined, undefined));
    await expect(takeSeat({ roomId: 'a' })).rejects.toMatchObject({ status: 403 });
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it('is by their login for whom is signed in', async () => {
    await takeSeat({ roomId: 'a' });
    setSession({ accessToken: 'x' });
    await takeSeat({ roomId: 'a' });
    expect(ask.mock.lastCall?.[0]).not.toHaveProperty('seat');
  });
});
