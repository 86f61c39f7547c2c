/** Deletes rooms; asks what to do with a running meeting and with recordings only where there are some. */
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDeleteRooms, type DeletionPolicies, type RoomsDeleted } from '../../api/manageRooms';
import type { Room } from '../../api/model';
import { errorText } from '../../app/errorText';
import { Confirm } from '../../ui/Modal';
import { RadioGroup } from '../../ui/RadioGroup';
import { Banner } from '../../ui/Surface';
import { showToast } from '../../ui/toastStore';
import { FIRST, fateOf, questionsOf } from './deletion';

export interface DeleteRoomsDialogProps {
  rooms: Room[];
  onClose: () => void;
  /** At least one is dealt with. */
  onDone: () => void;
}

type Meeting = 'force' | 'when_meeting_ends';
type Recordings = 'force' | 'close';

export function DeleteRoomsDialog({ rooms, onClose, onDone }: DeleteRoomsDialogProps) {
  const { t } = useTranslation();
  const remove = useDeleteRooms();
  const [refused, setRefused] = useState<RoomsDeleted['failed']>([]);
  const [withMeeting, setMeeting] = useState<Meeting>('when_meeting_ends');
  const [withRecordings, setRecordings] = useState<Recordings>('close');
  const asked = questionsOf(refused.map((one) => one.code));
  const left = refused.length > 0 ? rooms.filter((room) => refused.some((one) => one.roomId === room.roomId)) : rooms;
  const [first] = left;
  const count = left.length;
  const confirm = () => {
    const policies: DeletionPolicies = refused.length > 0 ? { withMeeting, withRecordings } : FIRST;
    remove.mutate(
      { ids: left.map((room) => room.roomId), policies },
      {
        onSuccess: ({ done, failed }) => {
          sayDone(done, t);
          const { meeting, recordings } = questionsOf(failed.map((one) => one.code));
          const open = failed.filter((one) => isQuestion(one.code));
          for (const one of failed.filter((other) => !isQuestion(other.code)).slice(0, 3)) {
            showToast(one.code === 'room_is_home' ? t('roomDelete.home') : one.message, 'bad');
          }
          if (done.length > 0) onDone();
          if (meeting || recordings) setRefused(open);
          else onClose();
        },
      },
    );
  };
  return (
    <Confirm
      title={t('roomDelete.title', { count, room: first?.roomName ?? '' })}
      confirmLabel={t(refused.length > 0 ? 'roomDelete.goOn' : 'roomDelete.confirm')}
      cancelLabel={t('app.cancel')}
      isOpen
      isPending={remove.isPending}
      onConfirm={confirm}
      onClose={onClose}
    >
      {remove.error && <Banner tone="bad">{errorText(remove.error, t)}</Banner>}
      {refused.length === 0 && <p>{t('roomDelete.text', { count })}</p>}
      {refused.length > 0 && (
        <>
          {rooms.length > 1 && (
            <p>{t('roomDelete.still', { count, rooms: left.map((room) => room.roomName).join(', ') })}</p>
          )}
          <p>{t('roomDelete.decide')}</p>
          {asked.meeting && (
            <RadioGroup
              label={t('roomDelete.meeting')}
              options={[
                { id: 'when_meeting_ends', label: t('roomDelete.meetingWait') },
                { id: 'force', label: t('roomDelete.meetingEnd') },
              ]}
              value={withMeeting}
              onChange={setMeeting}
            />
          )}
          {asked.recordings && (
            <RadioGroup
              label={t('roomDelete.recordings')}
              options={[
                { id: 'close', label: t('roomDelete.recordingsKeep') },
                { id: 'force', label: t('roomDelete.recordingsDelete') },
              ]}
              value={withRecordings}
              onChange={setRecordings}
            />
          )}
        </>
      )}
    </Confirm>
  );
}

function isQuestion(code: string): boolean {
  const { meeting, recordings } = questionsOf([code]);
  return meeting || recordings;
}

function sayDone(codes: string[], t: TFunction): void {
  for (const fate of ['deleted', 'closed', 'later'] as const) {
    const count = codes.filter((code) => fateOf(code) === fate).length;
    if (count > 0) showToast(t(`roomDelete.code.${fate}`, { count }));
  }
}
