/** Recordings of one room for somebody with its link, if permitted (features V4). */
import { ArrowLeft } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation, useNavigate, useParams, useSearchParams } from 'react-router';
import { useRecordingsVisit, type RoomVisit } from '../../api/visit';
import { isStatus } from '../../api/errors';
import { useRecording } from '../../api/recordings';
import { errorText } from '../../app/errorText';
import { paths } from '../../app/paths';
import { ProblemPage } from '../../app/ProblemPage';
import { roomProblem } from '../../app/roomProblem';
import { useTitle } from '../../app/useTitle';
import { readMembership } from '../../lib/can';
import { Loading } from '../../ui/Spinner';
import { Banner } from '../../ui/Surface';
import page from '../page.module.css';
import { Player } from './Player';
import styles from './Recordings.module.css';
import { RecordingsList } from './RecordingsList';
import { useRefused } from './useRefused';

export function RoomRecordingsPage() {
  const { t } = useTranslation();
  const { roomId = '' } = useParams();
  const [search] = useSearchParams();
  const secret = search.get('secret') ?? undefined;
  const visit = useRecordingsVisit(roomId, secret);
  useTitle(t('recordings.title'));
  if (visit.error) {
    return <ProblemPage problem={roomProblem(visit.error)} onRetry={() => void visit.refetch()} />;
  }
  return (
    <main className={styles.publicPage}>
      <div className={page.page}>
        <Link to={paths.room(roomId, secret)} className={styles.back ?? ''}>
          <ArrowLeft size={18} aria-hidden />
          {t('recordings.toRoom')}
        </Link>
        {visit.isPending && <Loading label={t('app.loading')} />}
        {visit.data && <Content visit={visit.data} onRefused={visit.refused} />}
      </div>
    </main>
  );
}

interface ContentProps {
  visit: RoomVisit;
  /** The token is taken no more. */
  onRefused: () => void;
}

function Content({ visit, onRefused }: ContentProps) {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const { pathname } = useLocation();
  const { can } = readMembership(visit.token);
  const chosen = search.get('recording');
  if (!can('canRetrieveRecordings')) return <Banner tone="warn">{t('recordings.forbidden')}</Banner>;
  const canDelete = can('canDeleteRecordings');
  if (chosen) return <One visit={visit} recordingId={chosen} canDelete={canDelete} onRefused={onRefused} />;
  return (
    <>
      <div className={page.head}>
        <h1>{t('recordings.titleOf', { room: visit.room.roomName })}</h1>
      </div>
      <RecordingsList
        memberToken={visit.token}
        roomId={visit.room.roomId}
        canDelete={canDelete}
        onRefused={onRefused}
        hrefOf={({ recordingId }) => {
          const query = new URLSearchParams(search);
          query.set('recording', recordingId);
          return `${pathname}?${query.toString()}`;
        }}
      />
    </>
  );
}

interface OneProps extends ContentProps {
  recordingId: string;
  canDelete: boolean;
}

function One({ visit, recordingId, canDelete, onRefused }: OneProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const recording = useRecording(recordingId, visit.token);
  useRefused(recording.error, onRefused);
  const { data, error } = recording;
  // What plays goes on while the visit begins anew.
  if (error && !(data && isStatus(error, 401))) {
    const isGone = isStatus(error, 404, 422);
    return <Banner tone="bad">{isGone ? t('recordings.missing') : errorText(error, t)}</Banner>;
  }
  if (!data) return <Loading label={t('app.loading')} />;
  return (
    <Player
      recording={data}
      readAgain={recording.refetch}
      memberToken={visit.token}
      canDelete={canDelete}
      onDeleted={() => void navigate(-1)}
    />
  );
}
