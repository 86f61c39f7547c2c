/** Short messages over the page; see `toastStore.ts` for how long they stay. */
import { X } from 'lucide-react';
import { useRef, useSyncExternalStore } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import styles from './Toasts.module.css';
import { dismissToast, getToasts, holdToasts, releaseToasts, subscribeToasts, type Toast } from './toastStore';

export function Toasts({ label, closeLabel }: { label: string; closeLabel: string }) {
  const shown = useSyncExternalStore(subscribeToasts, getToasts);
  const region = useRef<HTMLElement>(null);
  const close = (id: number) => {
    dismissToast(id);
    // The button that had the focus is gone: the next message's takes it.
    requestAnimationFrame(() => region.current?.querySelector('button')?.focus());
  };
  return (
    <section
      ref={region}
      className={styles.region}
      aria-label={label}
      aria-live="polite"
      // Heard and answered while a dialog is open, too; a press on it is none beside the dialog.
      data-react-aria-top-layer
      onPointerEnter={holdToasts}
      onPointerLeave={releaseToasts}
      onFocus={holdToasts}
      onBlur={releaseToasts}
    >
      {shown.map((toast) => (
        <Message key={toast.id} toast={toast} closeLabel={closeLabel} onClose={() => close(toast.id)} />
      ))}
    </section>
  );
}

function Message({ toast, closeLabel, onClose }: { toast: Toast; closeLabel: string; onClose: () => void }) {
  const { text, tone, action } = toast;
  return (
    <div className={styles.toast} data-tone={tone} role={tone === 'bad' ? 'alert' : undefined}>
      <span>{text}</span>
      {action && (
        <AriaButton
          className={styles.action ?? ''}
          onPress={() => {
            action.onAction();
            onClose();
          }}
        >
          {action.label}
        </AriaButton>
      )}
      <AriaButton className={styles.close ?? ''} aria-label={closeLabel} onPress={onClose}>
        <X size={18} aria-hidden />
      </AriaButton>
    </div>
  );
}
