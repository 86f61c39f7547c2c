/** Whether the box answers. Each call reports here; while it does not, this asks again by itself. */

const RETRY_MS = 2500;
const listeners = new Set<() => void>();
let reachable = true;
let timer: ReturnType<typeof setTimeout> | undefined;

export function isReachable(): boolean {
  return reachable;
}

export function subscribeReachability(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function reportReachable(now: boolean): void {
  if (!now && timer === undefined) timer = setTimeout(probe, RETRY_MS);
  if (now === reachable) return;
  reachable = now;
  for (const listener of listeners) listener();
}

async function probe(): Promise<void> {
  timer = undefined;
  try {
    // A proxy in front of a dead box answers 502–504: that is not the box.
    const response = await fetch('/api/v1/info', { cache: 'no-store' });
    reportReachable(response.status < 502);
  } catch {
    reportReachable(false);
  }
}
