/** Asks before a page is left on which something is not saved. */
import { useEffect, useId, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { useBlocker, type Location } from 'react-router';
import { Confirm } from '../ui/Modal';

/** The forms with changes; a page has several, the router one guard. */
const changed = new Set<string>();
const listeners = new Set<() => void>();

/** In each form. */
export function useUnsaved(isChanged: boolean): void {
  const id = useId();
  useEffect(() => {
    if (!isChanged) return;
    changed.add(id);
    tell();
    return () => {
      changed.delete(id);
      tell();
    };
  }, [id, isChanged]);
}

/** Navigation with this state is not asked about: what was being changed is gone. */
export const NOTHING_TO_SAVE = { nothingToSave: true };

/** Once on a page. */
export function LeaveGuard() {
  const isChanged = useHasUnsaved();
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => changed.size > 0 && leaves(currentLocation, nextLocation),
  );
  useEffect(() => {
    if (!isChanged) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [isChanged]);
  if (blocker.state !== 'blocked') return null;
  return <LeaveQuestion onLeave={() => blocker.proceed()} onStay={() => blocker.reset()} />;
}

export function useHasUnsaved(): boolean {
  return useSyncExternalStore(subscribe, () => changed.size > 0);
}

export function LeaveQuestion({ onLeave, onStay }: { onLeave: () => void; onStay: () => void }) {
  const { t } = useTranslation();
  return (
    <Confirm
      title={t('form.leaveTitle')}
      confirmLabel={t('form.leave')}
      cancelLabel={t('form.stay')}
      isOpen
      onConfirm={onLeave}
      onClose={onStay}
    >
      <p>{t('form.leaveText')}</p>
    </Confirm>
  );
}

/** Whoever is signed out cannot save any more; who signs out by a button is asked there. */
function leaves(from: Location, to: Location): boolean {
  if (to.pathname === from.pathname || ['/login', '/change-password'].includes(to.pathname)) return false;
  return (to.state as Partial<typeof NOTHING_TO_SAVE> | null)?.nothingToSave !== true;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
