/** One recording, in the console. */
import { ArrowLeft } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams } from 'react-router';
import { useMe } from '../../api/auth';
import { isStatus } from '../../api/errors';
import { useRecording } from '../../api/recordings';
import { errorText } from '../../app/errorText';
import { paths } from '../../app/paths';
import { useTitle } from '../../app/useTitle';
import { deletesRecordings } from '../../lib/console';
import { Loading } from '../../ui/Spinner';
import { Banner } from '../../ui/Surface';
import page from '../page.module.css';
import { Player } from './Player';
import styles from './Recordings.module.css';

export function RecordingPage() {
  const { t } = useTranslation();
  const { recordingId = '' } = useParams();
  const navigate = useNavigate();
  const recording = useRecording(recordingId);
  const me = useMe();
  useTitle(t('recordings.title'));
  return (
    <div className={page.page}>
      <Link to={paths.recordings} className={styles.back ?? ''}>
        <ArrowLeft size={18} aria-hidden />
        {t('recordings.back')}
      </Link>
      {recording.isPending && <Loading label={t('app.loading')} />}
      {recording.error && !recording.data && <h1>{t('recordings.title')}</h1>}
      {recording.error && (
        <Banner tone="bad">
          {isStatus(recording.error, 404, 422) ? t('recordings.missing') : errorText(recording.error, t)}
        </Banner>
      )}
      {recording.data && (
        <Player
          recording={recording.data}
          readAgain={recording.refetch}
          canDelete={deletesRecordings(me.data)}
          onDeleted={() => void navigate(paths.recordings)}
        />
      )}
    </div>
  );
}
