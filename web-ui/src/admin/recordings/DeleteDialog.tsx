/** Asks before recordings are deleted, and does it. */
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { useDeleteRecordings, type Deletion, type Undeleted } from '../../api/recordings';
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
      onSuccess: (outcome) => {
        showToast(outcomeText(outcome, t), outcome.failed.length > 0 ? 'bad' : 'info');
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

/** Each part in a sentence of its own; what did not happen is left out. */
function outcomeText({ deleted, gone, failed }: Deletion, t: TFunction): string {
  const reasons = failed.map((one) => reasonText(one, t));
  return [
    deleted > 0 && t('recordings.deleted', { count: deleted }),
    gone > 0 && t('recordings.gone', { count: gone }),
    ...[...new Set(reasons)].map((why) =>
      t('recordings.deleteFailed', { count: reasons.filter((one) => one === why).length, why }),
    ),
  ]
    .filter(Boolean)
    .join(' ');
}

function reasonText({ code, error }: Undeleted, t: TFunction): string {
  if (code === 'permission_missing' || code === 'forbidden') return t('recordings.undeleted.forbidden');
  return code === 'recording_running' ? t('recordings.undeleted.running') : error;
}
