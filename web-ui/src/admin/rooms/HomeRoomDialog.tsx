/** Makes a room the one in which the box itself takes part (features R7). */
import { useTranslation } from 'react-i18next';
import { useSetHomeRoom, useTaggedBox } from '../../api/box';
import { isStatus } from '../../api/errors';
import type { Room } from '../../api/model';
import { errorText } from '../../app/errorText';
import { Confirm } from '../../ui/Modal';
import { Banner } from '../../ui/Surface';
import { showToast } from '../../ui/toastStore';
import { ReadProblem } from '../list/ReadProblem';

export function HomeRoomDialog({ room, onClose }: { room: Room; onClose: () => void }) {
  const { t } = useTranslation();
  const box = useTaggedBox();
  const choose = useSetHomeRoom();
  const { roomName } = room;
  const confirm = () =>
    choose.mutate(
      { roomId: room.roomId, etag: box.data?.etag },
      {
        onSuccess: () => {
          showToast(t('rooms.madeHome', { room: roomName }));
          onClose();
        },
      },
    );
  const words = (error: Error) => {
    if (isStatus(error, 412)) return t('rooms.homeStale', { room: box.data?.data.homeRoom.roomName ?? '' });
    return isStatus(error, 409) ? t('rooms.homeRuns') : errorText(error, t);
  };
  return (
    <Confirm
      title={t('rooms.makeHomeTitle')}
      confirmLabel={t('rooms.makeHome')}
      cancelLabel={t('app.cancel')}
      isOpen
      isHarmless
      isPending={choose.isPending}
      isReady={box.isSuccess && !box.isFetching}
      onConfirm={confirm}
      onClose={onClose}
    >
      {choose.error && !box.isFetching && <Banner tone="bad">{words(choose.error)}</Banner>}
      <ReadProblem problem={box.error ?? undefined} again={() => void box.refetch()} />
      <p>{t('rooms.makeHomeText', { room: roomName })}</p>
    </Confirm>
  );
}
