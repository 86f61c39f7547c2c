/** Ends the meeting of a room for everyone. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { keys } from '../api/keys';
import { endMeeting } from '../api/meetings';
import { errorText } from './errorText';
import { Confirm } from '../ui/Modal';
import { showToast } from '../ui/toastStore';

export interface EndMeetingDialogProps {
  room: { roomId: string; roomName: string };
  /** Absent means the signed-in user. */
  memberToken?: string;
  /** True when it is told already. */
  onRefused?: (error: unknown) => boolean;
  onClose: () => void;
}

export function EndMeetingDialog({ room, memberToken, onRefused, onClose }: EndMeetingDialogProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: () => endMeeting({ roomId: room.roomId, ...(memberToken ? { token: memberToken } : {}) }),
    onSuccess: () => showToast(t('rooms.ended')),
    onError: (error) => onRefused?.(error) || showToast(errorText(error, t), 'bad'),
    onSettled: () => {
      onClose();
      return client.invalidateQueries({ queryKey: keys.rooms });
    },
  });
  return (
    <Confirm
      title={t('rooms.endTitle')}
      confirmLabel={t('rooms.endMeeting')}
      cancelLabel={t('app.cancel')}
      isOpen
      isPending={end.isPending}
      onConfirm={() => end.mutate()}
      onClose={onClose}
    >
      <p>{t('rooms.endText', { room: room.roomName })}</p>
    </Confirm>
  );
}
