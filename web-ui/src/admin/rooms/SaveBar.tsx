/** Saves a part of a room, and says so when somebody else was faster or a meeting is in the way. */
import { useTranslation } from 'react-i18next';
import { isCode, isStatus } from '../../api/errors';
import { errorText } from '../../app/errorText';
import { Button } from '../../ui/Button';
import { Banner } from '../../ui/Surface';
import styles from './Room.module.css';
import { useUnsaved } from '../unsaved';
import type { Draft } from '../useDraft';

export interface SaveBarProps {
  error: Error | null;
  isPending: boolean;
  draft: Pick<Draft<unknown>, 'isChanged' | 'clash' | 'discard'>;
  isDisabled: boolean;
}

/** In a form whose submit saves. */
export function SaveBar({ error, isPending, draft, isDisabled }: SaveBarProps) {
  const { t } = useTranslation();
  const isChanged = draft.isChanged && !isDisabled;
  useUnsaved(isChanged);
  return (
    <>
      {error && isChanged && <SaveError error={error} />}
      {draft.clash && isChanged && <Banner tone="warn">{t('rooms.clash')}</Banner>}
      <div className={styles.buttons}>
        <Button type="submit" variant="primary" isPending={isPending} isDisabled={!isChanged}>
          {t('form.save')}
        </Button>
        {isChanged && <Button onPress={draft.discard}>{t('form.discard')}</Button>}
      </div>
    </>
  );
}

/** `textOfStale` is for what has no draft to be kept. */
export function SaveError({ error, textOfStale }: { error: Error; textOfStale?: string }) {
  const { t } = useTranslation();
  if (isStatus(error, 412)) return <Banner tone="bad">{textOfStale ?? t('rooms.stale')}</Banner>;
  return (
    <Banner tone="bad">{isCode(error, 'room_has_active_meeting') ? t('rooms.running') : errorText(error, t)}</Banner>
  );
}
