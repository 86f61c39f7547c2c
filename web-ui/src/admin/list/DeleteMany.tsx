/** Asks before one or several are deleted, does it, and says what came of it. */
import type { UseMutationResult } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Tagged } from '../../api/client';
import type { Doomed, Outcome } from '../../api/paging';
import { errorText } from '../../app/errorText';
import { Confirm } from '../../ui/Modal';
import { Banner } from '../../ui/Surface';
import { showToast } from '../../ui/toastStore';
import styles from './List.module.css';
import { ReadProblem } from './ReadProblem';
import { useDoomed } from './useDoomed';

export interface DeleteManyProps<T> {
  /** Such as `user`. */
  kind: string;
  /** Under the names the list shows. */
  things: readonly { id: string; name: string }[];
  read: (id: string) => Promise<Tagged<T>>;
  /** Its name, as it is now. */
  nameOf: (one: T) => string;
  /** One of them in words, as it is now. */
  describe: (one: T) => string;
  remove: UseMutationResult<Outcome, Error, Doomed[]>;
  /** `name` is that of the first. */
  title: (count: number, name: string) => string;
  /** The title does not name it: one alone is listed as well. */
  listsOne?: boolean;
  confirmLabel: string;
  /** Said when some are deleted; otherwise the usual words. */
  doneText?: (count: number) => string;
  onClose: () => void;
  /** Some are dealt with. */
  onDone: () => void;
  children: ReactNode;
}

/** What somebody else has changed since it was shown stays, and is shown once more. */
export function DeleteMany<T>(props: DeleteManyProps<T>) {
  const { t } = useTranslation();
  const { kind, things, read, describe, remove, title, confirmLabel, doneText, onClose, onDone, children } = props;
  const [left, setLeft] = useState(things);
  const { doomed, now, isReady, problem, again } = useDoomed(
    kind,
    left.map(({ id }) => id),
    read,
  );
  const [isStale, setStale] = useState(false);
  const nameOf = (id: string) => {
    const one = now.get(id);
    return one === undefined ? left.find((thing) => thing.id === id)?.name : props.nameOf(one);
  };
  const confirm = () =>
    remove.mutate(doomed, {
      onSuccess: ({ deleted, stale, failed }) => {
        if (deleted > 0) showToast(doneText?.(deleted) ?? t('list.deleted', { count: deleted }));
        for (const { id, error } of failed.slice(0, 3)) {
          showToast(t('list.notDeleted', { name: nameOf(id) ?? id, why: errorText(error, t) }), 'bad');
        }
        if (deleted > 0 || failed.length > 0) onDone();
        if (stale.length === 0) {
          onClose();
          return;
        }
        setLeft(left.filter(({ id }) => stale.includes(id)));
        setStale(true);
        again();
      },
    });
  return (
    <Confirm
      title={title(left.length, nameOf(left[0]?.id ?? '') ?? '')}
      confirmLabel={confirmLabel}
      cancelLabel={t('app.cancel')}
      isOpen
      isPending={remove.isPending}
      isReady={isReady}
      onConfirm={confirm}
      onClose={onClose}
    >
      {remove.error && <Banner tone="bad">{errorText(remove.error, t)}</Banner>}
      <ReadProblem problem={problem} again={again} />
      {isStale && !remove.error && <Banner tone="bad">{t('list.stale', { count: left.length })}</Banner>}
      {(left.length > 1 || isStale || props.listsOne) && (
        <ul className={styles.doomed}>
          {left.map(({ id, name }) => {
            const one = now.get(id);
            return <li key={id}>{one === undefined ? name : describe(one)}</li>;
          })}
        </ul>
      )}
      {children}
    </Confirm>
  );
}
