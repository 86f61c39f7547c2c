/** Asks before recordings are deleted, and does it. */
import { useTranslation } from 'react-i18next';
import { useDeleteRecordings } from '../../api/recordings';
import { errorText } from '../../app/errorText';
import { Confirm } from '../../ui/Modal';
import { showToast } from '../../ui/toastStore';

export interface DeleteDialogProps {
  /** Undefined keeps it shut. */
  ids: string[] | undefined;
  memberToken?: string;
  onClose: () => void;
  onDone: () => void;
}

export function DeleteDialog({ ids, memberToken, onClose, onDone }: DeleteDialogProps) {
  const { t } = useTranslation();
  const remove = useDeleteRecordings(memberToken);
  const count = ids?.length ?? 1;
  const confirm = () =>
    remove.mutate(ids ?? [], {
      onSuccess: (failed) => {
        if (failed.length > 0) showToast(t('recordings.deleteFailed', { count: failed.length }), 'bad');
        else showToast(t('recordings.deleted', { count }));
        onDone();
      },
      onError: (error) => showToast(errorText(error, t), 'bad'),
      onSettled: onClose,
    });
  return (
    <Confirm
      title={t('recordings.deleteTitle', { count })}
      confirmLabel={t('recordings.delete')}
      cancelLabel={t('app.cancel')}
      isOpen={ids !== undefined}
      isPending={remove.isPending}
      onConfirm={confirm}
      onClose={onClose}
    >
      <p>{t('recordings.deleteText', { count })}</p>
    </Confirm>
  );
}
