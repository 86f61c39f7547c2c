/** All recordings the signed-in user may see (features V3). */
import { useTranslation } from 'react-i18next';
import { paths } from '../../app/paths';
import { useTitle } from '../../app/useTitle';
import page from '../page.module.css';
import { RecordingsList } from './RecordingsList';

export function RecordingsPage() {
  const { t } = useTranslation();
  useTitle(t('recordings.title'));
  return (
    <div className={page.page}>
      <div className={page.head}>
        <h1>{t('recordings.title')}</h1>
      </div>
      <RecordingsList canDelete searchable hrefOf={(one) => paths.recording(one.recordingId)} />
    </div>
  );
}
