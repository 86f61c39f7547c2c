/** Deletes rooms; asks what to do with a running meeting and with recordings only where there are some. */
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isCode, type ApiError } from '../../api/errors';
import { readRoom, useDeleteRooms, type DeletionPolicies, type RoomsDeleted } from '../../api/manageRooms';
import type { Room } from '../../api/model';
import { errorText } from '../../app/errorText';
import { isolate } from '../../lib/isolate';
import { Confirm } from '../../ui/Modal';
import { RadioGroup } from '../../ui/RadioGroup';
import { Banner } from '../../ui/Surface';
import { showToast } from '../../ui/toastStore';
import { ReadProblem } from '../list/ReadProblem';
import { useDoomed } from '../list/useDoomed';
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
  const [left, setLeft] = useState(rooms);
  /** Why those that are left are: codes of what must be decided. */
  const [codes, setCodes] = useState<string[]>([]);
  const [isStale, setStale] = useState(false);
  const [withMeeting, setMeeting] = useState<Meeting>('when_meeting_ends');
  const [withRecordings, setRecordings] = useState<Recordings>('close');
  const { doomed, now, isReady, problem, again } = useDoomed(
    'room',
    left.map((room) => room.roomId),
    readRoom,
  );
  const asked = questionsOf(codes);
  const count = left.length;
  const names = left.map((room) => isolate(now.get(room.roomId)?.roomName ?? room.roomName));
  const goOn = ({ done, stale, failed }: RoomsDeleted) => {
    sayDone(done, t);
    const open = failed.filter((one) => isQuestion(one.error));
    for (const { error } of failed.filter((one) => !open.includes(one)).slice(0, 3)) {
      showToast(isCode(error, 'room_is_home') ? t('roomDelete.home') : errorText(error, t), 'bad');
    }
    if (done.length > 0) onDone();
    const ids = [...stale, ...open.map((one) => one.id)];
    if (ids.length === 0) {
      onClose();
      return;
    }
    setLeft(left.filter((room) => ids.includes(room.roomId)));
    setCodes([...codes, ...open.map((one) => codeOf(one.error))]);
    setStale(stale.length > 0);
    if (stale.length > 0) again();
  };
  const policies: DeletionPolicies = codes.length > 0 ? { withMeeting, withRecordings } : FIRST;
  return (
    <Confirm
      title={t('roomDelete.title', { count, room: names[0] ?? '' })}
      confirmLabel={t(codes.length > 0 ? 'roomDelete.goOn' : 'roomDelete.confirm')}
      cancelLabel={t('app.cancel')}
      isOpen
      isPending={remove.isPending}
      isReady={isReady}
      onConfirm={() => remove.mutate({ rooms: doomed, policies }, { onSuccess: goOn })}
      onClose={onClose}
    >
      {remove.error && <Banner tone="bad">{errorText(remove.error, t)}</Banner>}
      <ReadProblem problem={problem} again={again} />
      {isStale && !remove.error && <Banner tone="bad">{t('list.stale', { count })}</Banner>}
      {count > 1 && codes.length === 0 && <p>{names.join(', ')}</p>}
      {codes.length === 0 && <p>{t('roomDelete.text', { count })}</p>}
      {codes.length > 0 && rooms.length > 1 && <p>{t('roomDelete.still', { count, rooms: names.join(', ') })}</p>}
      {codes.length > 0 && <p>{t('roomDelete.decide')}</p>}
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
    </Confirm>
  );
}

function codeOf({ body }: ApiError): string {
  return body?.code ?? '';
}

function isQuestion(error: ApiError): boolean {
  const { meeting, recordings } = questionsOf([codeOf(error)]);
  return meeting || recordings;
}

function sayDone(codes: string[], t: TFunction): void {
  for (const fate of ['deleted', 'closed', 'later'] as const) {
    const count = codes.filter((code) => fateOf(code) === fate).length;
    if (count > 0) showToast(t(`roomDelete.code.${fate}`, { count }));
  }
}
