/** Saves a part of a room, and says so when somebody else was faster or a meeting is in the way. */
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { isStatus } from '../../api/errors';
import { keys } from '../../api/keys';
import { errorText } from '../../app/errorText';
import { Button } from '../../ui/Button';
import { Banner } from '../../ui/Surface';
import styles from './Room.module.css';

export interface SaveBarProps {
  roomId: string;
  error: Error | null;
  isPending: boolean;
  isChanged: boolean;
  onDiscard: () => void;
}

/** In a form whose submit saves. */
export function SaveBar({ roomId, error, isPending, isChanged, onDiscard }: SaveBarProps) {
  return (
    <>
      {error && <SaveError roomId={roomId} error={error} />}
      <Buttons isPending={isPending} isChanged={isChanged} onDiscard={onDiscard} />
    </>
  );
}

function Buttons({ isPending, isChanged, onDiscard }: Pick<SaveBarProps, 'isPending' | 'isChanged' | 'onDiscard'>) {
  const { t } = useTranslation();
  return (
    <div className={styles.buttons}>
      <Button type="submit" variant="primary" isPending={isPending} isDisabled={!isChanged}>
        {t('form.save')}
      </Button>
      {isChanged && <Button onPress={onDiscard}>{t('form.discard')}</Button>}
    </div>
  );
}

export function SaveError({ roomId, error }: { roomId: string; error: Error }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  if (isStatus(error, 412)) {
    const reload = () => void client.invalidateQueries({ queryKey: keys.room(roomId) });
    return (
      <Banner tone="bad" action={<Button onPress={reload}>{t('rooms.reload')}</Button>}>
        {t('rooms.stale')}
      </Banner>
    );
  }
  return <Banner tone="bad">{isStatus(error, 409) ? t('rooms.running') : errorText(error, t)}</Banner>;
}
