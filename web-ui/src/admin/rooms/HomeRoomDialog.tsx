/** Makes a room the one in which the box itself takes part (features R7). */
import { useTranslation } from 'react-i18next';
import { useSetHomeRoom } from '../../api/box';
import { isStatus } from '../../api/errors';
import type { Room } from '../../api/model';
import { errorText } from '../../app/errorText';
import { Confirm } from '../../ui/Modal';
import { Banner } from '../../ui/Surface';
import { showToast } from '../../ui/toastStore';

export function HomeRoomDialog({ room, onClose }: { room: Room; onClose: () => void }) {
  const { t } = useTranslation();
  const choose = useSetHomeRoom();
  const { roomName } = room;
  const confirm = () =>
    choose.mutate(room.roomId, {
      onSuccess: () => {
        showToast(t('rooms.madeHome', { room: roomName }));
        onClose();
      },
    });
  return (
    <Confirm
      title={t('rooms.makeHomeTitle')}
      confirmLabel={t('rooms.makeHome')}
      cancelLabel={t('app.cancel')}
      isOpen
      isHarmless
      isPending={choose.isPending}
      onConfirm={confirm}
      onClose={onClose}
    >
      {choose.error && (
        <Banner tone="bad">{isStatus(choose.error, 409) ? t('rooms.homeRuns') : errorText(choose.error, t)}</Banner>
      )}
      <p>{t('rooms.makeHomeText', { room: roomName })}</p>
    </Confirm>
  );
}
