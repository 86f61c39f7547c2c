/** Short messages that go away by themselves. At most three; the oldest gives way. */
import { X } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import styles from './Toasts.module.css';

interface Toast {
  id: number;
  text: string;
  tone: 'info' | 'bad';
}

const SHOWN_MS = 6000;
const MOST = 3;
let toasts: readonly Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

export function showToast(text: string, tone: 'info' | 'bad' = 'info'): void {
  if (toasts.some((toast) => toast.text === text)) return;
  const id = nextId++;
  update([...toasts, { id, text, tone }].slice(-MOST));
  setTimeout(() => dismiss(id), SHOWN_MS);
}

export function Toasts({ label, closeLabel }: { label: string; closeLabel: string }) {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <section className={styles.region} aria-label={label} aria-live="polite">
      {shown.map((toast) => (
        <div key={toast.id} className={styles.toast} data-tone={toast.tone}>
          <span>{toast.text}</span>
          <AriaButton className={styles.close ?? ''} aria-label={closeLabel} onPress={() => dismiss(toast.id)}>
            <X size={18} aria-hidden />
          </AriaButton>
        </div>
      ))}
    </section>
  );
}

function dismiss(id: number): void {
  update(toasts.filter((toast) => toast.id !== id));
}

function update(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
