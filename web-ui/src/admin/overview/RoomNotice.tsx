/** While the room is on its way into the meeting: what is happening, what failed, and how to call it off. */
import { useTranslation } from 'react-i18next';
import { useHangUp } from '../../api/box';
import type { BoxDevice, BoxStatus } from '../../api/model';
import { errorText } from '../../app/errorText';
import { Button } from '../../ui/Button';
import { Banner } from '../../ui/Surface';
import { showToast } from '../../ui/toastStore';

export function RoomNotice({ room, devices }: { room: BoxStatus['room']; devices: BoxDevice[] }) {
  const { t } = useTranslation();
  const hangUp = useHangUp();
  const { state } = room;
  if (state !== 'announcing' && state !== 'retrying') return null;
  const failed = devices.filter((one) => one.state === 'restarting' && one.message);
  const causes = failed.map((one) => `${t(`device.${one.device}`)}: ${one.message ?? ''}`).join(' ');
  return (
    <Banner
      tone={state === 'retrying' ? 'warn' : 'info'}
      action={
        <Button
          isPending={hangUp.isPending}
          onPress={() =>
            hangUp.mutate(undefined, {
              onSuccess: () => showToast(t('overview.staysOut')),
              onError: (error) => showToast(errorText(error, t), 'bad'),
            })
          }
        >
          {t(state === 'retrying' ? 'overview.stopRetrying' : 'overview.decline')}
        </Button>
      }
    >
      {t(`overview.${state}Text`)} {state === 'retrying' && causes}
    </Banner>
  );
}
