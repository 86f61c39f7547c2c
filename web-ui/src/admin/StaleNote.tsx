/** Why saving did not work; when somebody else was faster, that nothing typed is lost. */
import { useTranslation } from 'react-i18next';
import { isStatus } from '../api/errors';
import { errorText } from '../app/errorText';
import { Banner } from '../ui/Surface';

export function StaleNote({ error, clash }: { error: Error | null; clash: boolean }) {
  const { t } = useTranslation();
  return (
    <>
      {error && <Banner tone="bad">{isStatus(error, 412) ? t('rooms.staleThing') : errorText(error, t)}</Banner>}
      {clash && <Banner tone="warn">{t('rooms.clash')}</Banner>}
    </>
  );
}
