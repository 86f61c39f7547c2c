/**
 * The messages on screen. What only informs goes away by itself; an error, or a message with something to do, stays
 * until it is answered, or until there is newer news of its topic. Bounded: the oldest gives way, errors last.
 */

export interface ToastAction {
  label: string;
  onAction: () => void;
}

export interface Toast {
  id: number;
  text: string;
  tone: 'info' | 'bad';
  action?: ToastAction;
  /** What it is about: the next message about the same takes its place. */
  topic?: string;
}

export type ToastOptions = Pick<Toast, 'action' | 'topic'>;

const SHOWN_MS = 6000;
const MOST = 4;
let toasts: readonly Toast[] = [];
let nextId = 1;
const timers = new Map<number, ReturnType<typeof setTimeout>>();
const listeners = new Set<() => void>();

/** Shows a message and gives its id; the same words again only start its time anew. */
export function showToast(text: string, tone: Toast['tone'] = 'info', options: ToastOptions = {}): number {
  const same = toasts.find((toast) => toast.text === text);
  const toast: Toast = { id: same?.id ?? nextId++, text, tone, ...options };
  const { topic } = toast;
  const others = toasts.filter((one) => one.id !== toast.id && (topic === undefined || one.topic !== topic));
  update(withinLimit([...others, toast]));
  startTimer(toast);
  return toast.id;
}

/** Answered, or no longer true. */
export function dismissToast(id: number | undefined): void {
  update(toasts.filter((toast) => toast.id !== id));
}

/** What was said about this is over. */
export function dismissTopic(topic: string): void {
  update(toasts.filter((toast) => toast.topic !== topic));
}

/** The page they were about is left. */
export function dismissAllToasts(): void {
  update([]);
}

/** Another page: what went wrong on the last one is not about this one; good news may be why one is here. */
export function dismissErrors(): void {
  update(toasts.filter(({ tone }) => tone !== 'bad'));
}

export function getToasts(): readonly Toast[] {
  return toasts;
}

export function subscribeToasts(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Nobody should have to read against the clock: the time stands still while a person is at the messages. */
export function holdToasts(): void {
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
}

export function releaseToasts(): void {
  toasts.forEach(startTimer);
}

function lasts({ tone, action }: Toast): boolean {
  return tone === 'bad' || action !== undefined;
}

function withinLimit(all: Toast[]): Toast[] {
  if (all.length <= MOST) return all;
  const victim = all.find((toast) => !lasts(toast)) ?? all[0];
  return all.filter((toast) => toast !== victim);
}

function startTimer(toast: Toast): void {
  clearTimeout(timers.get(toast.id));
  timers.delete(toast.id);
  if (lasts(toast)) return;
  timers.set(
    toast.id,
    setTimeout(() => dismissToast(toast.id), SHOWN_MS),
  );
}

function update(next: readonly Toast[]): void {
  toasts = next;
  for (const [id, timer] of timers) {
    if (toasts.some((toast) => toast.id === id)) continue;
    clearTimeout(timer);
    timers.delete(id);
  }
  for (const listener of listeners) listener();
}
