/** Follows an event stream of the box and comes back after each interruption until it is told to stop. */
import { createSseParser } from '../lib/sse';
import { API_BASE, boxFetch } from './client';
import { ApiError, UnreachableError } from './errors';
import { reportReachable } from './reachability';

export interface EventHandlers {
  /** `data` is parsed JSON. */
  onEvent: (event: string, data: unknown) => void;
  /** The box refused the stream for good (401, 403, 404). */
  onRefused?: (status: number) => void;
}

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 5000;
/** The box pings each 15 s. */
const SILENCE_MS = 40_000;

/** Returns the function that ends it. */
export function followEvents(path: '/box/events' | '/panel/events', handlers: EventHandlers): () => void {
  const stop = new AbortController();
  void follow(path, handlers, stop.signal);
  return () => stop.abort();
}

async function follow(path: string, handlers: EventHandlers, stop: AbortSignal): Promise<void> {
  let delay = FIRST_DELAY_MS;
  while (!stop.aborted) {
    const outcome = await readOnce(path, handlers, stop);
    if (outcome.refused !== undefined) {
      handlers.onRefused?.(outcome.refused);
      return;
    }
    delay = outcome.received ? FIRST_DELAY_MS : Math.min(delay * 2, LONGEST_DELAY_MS);
    await pause(delay, stop);
  }
}

async function readOnce(
  path: string,
  handlers: EventHandlers,
  stop: AbortSignal,
): Promise<{ received: boolean; refused?: number }> {
  const end = new AbortController();
  const abort = () => end.abort();
  stop.addEventListener('abort', abort);
  let watchdog = setTimeout(abort, SILENCE_MS);
  let received = false;
  try {
    const request = new Request(location.origin + API_BASE + path, {
      headers: { Accept: 'text/event-stream' },
      signal: end.signal,
    });
    const response = await boxFetch(request);
    if ([401, 403, 404].includes(response.status)) return { received, refused: response.status };
    if (!response.ok || !response.body) return { received };
    const parse = createSseParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      clearTimeout(watchdog);
      watchdog = setTimeout(abort, SILENCE_MS);
      received = true;
      for (const { event, data } of parse(value)) deliver(handlers, event, data);
    }
  } catch (error) {
    // The box that is too busy to renew the session is there.
    const isKnown = error instanceof UnreachableError || error instanceof ApiError;
    if (!stop.aborted && !isKnown) reportReachable(false);
  } finally {
    clearTimeout(watchdog);
    stop.removeEventListener('abort', abort);
  }
  return { received };
}

function deliver(handlers: EventHandlers, event: string, data: string): void {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return;
  }
  handlers.onEvent(event, value);
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stop.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    stop.addEventListener('abort', done);
  });
}
