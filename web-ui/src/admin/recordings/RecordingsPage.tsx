/** All recordings the signed-in user may see (features V3). */
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/auth';
import { paths } from '../../app/paths';
import { useTitle } from '../../app/useTitle';
import { deletesRecordings } from '../../lib/console';
import page from '../page.module.css';
import { RecordingsList } from './RecordingsList';

export function RecordingsPage() {
  const { t } = useTranslation();
  const me = useMe();
  useTitle(t('recordings.title'));
  return (
    <div className={page.page}>
      <div className={page.head}>
        <h1>{t('recordings.title')}</h1>
      </div>
      <RecordingsList
        canDelete={deletesRecordings(me.data)}
        searchable
        hrefOf={(one) => paths.recording(one.recordingId)}
      />
    </div>
  );
}
