import { QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ApiError } from '../api/errors';
import { createQueryClient } from './queryClient';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function ask(error: ApiError) {
  const queryFn = vi.fn().mockRejectedValueOnce(error).mockResolvedValue('answer');
  const observer = new QueryObserver(createQueryClient(), { queryKey: ['x'], queryFn });
  observer.subscribe(() => undefined);
  return { queryFn, result: () => observer.getCurrentResult() };
}

it.each([
  [7, 7000],
  [undefined, 1000],
])('asks a busy box again after Retry-After: %s', async (retryAfter, ms) => {
  const { queryFn, result } = ask(new ApiError(429, undefined, retryAfter));
  await vi.advanceTimersByTimeAsync(ms - 1);
  expect(queryFn).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(2);
  expect(result().data).toBe('answer');
});

it('takes a refusal as one', async () => {
  const { queryFn, result } = ask(new ApiError(403, undefined, undefined));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(queryFn).toHaveBeenCalledTimes(1);
  expect(result().isError).toBe(true);
});
