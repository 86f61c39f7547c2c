/** Asks before one or several are deleted, does it, and says what came of it. */
import type { UseMutationResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Outcome } from '../../api/paging';
import { errorText } from '../../app/errorText';
import { Confirm } from '../../ui/Modal';
import { showToast } from '../../ui/toastStore';

export interface DeleteManyProps {
  title: string;
  confirmLabel: string;
  ids: string[];
  remove: UseMutationResult<Outcome, Error, string[]>;
  /** Said when some are deleted; otherwise the usual words. */
  doneText?: (count: number) => string;
  onClose: () => void;
  onDone: () => void;
  children: ReactNode;
}

export function DeleteMany(props: DeleteManyProps) {
  const { t } = useTranslation();
  const { title, confirmLabel, ids, remove, doneText, onClose, onDone, children } = props;
  const confirm = () =>
    remove.mutate(ids, {
      onSuccess: ({ deleted, failed }) => {
        if (deleted > 0) showToast(doneText?.(deleted) ?? t('list.deleted', { count: deleted }));
        for (const { id, why } of failed.slice(0, 3)) showToast(t('list.notDeleted', { id, why }), 'bad');
        onDone();
      },
      onError: (error) => showToast(errorText(error, t), 'bad'),
      onSettled: onClose,
    });
  return (
    <Confirm
      title={title}
      confirmLabel={confirmLabel}
      cancelLabel={t('app.cancel')}
      isOpen
      isPending={remove.isPending}
      onConfirm={confirm}
      onClose={onClose}
    >
      {children}
    </Confirm>
  );
}
