/** Recordings of one room for somebody with its link, if permitted (features V4). */
import { ArrowLeft } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation, useNavigate, useParams, useSearchParams } from 'react-router';
import { useRoomVisit, type RoomVisit } from '../../api/visit';
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

export function RoomRecordingsPage() {
  const { t } = useTranslation();
  const { roomId = '' } = useParams();
  const [search] = useSearchParams();
  const secret = search.get('secret') ?? undefined;
  const visit = useRoomVisit(roomId, secret);
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
        {visit.data && <Content visit={visit.data} />}
      </div>
    </main>
  );
}

function Content({ visit }: { visit: RoomVisit }) {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const { pathname } = useLocation();
  const { can } = readMembership(visit.token);
  const chosen = search.get('recording');
  if (!can('canRetrieveRecordings')) return <Banner tone="warn">{t('recordings.forbidden')}</Banner>;
  if (chosen) return <One visit={visit} recordingId={chosen} canDelete={can('canDeleteRecordings')} />;
  return (
    <>
      <div className={page.head}>
        <h1>{t('recordings.titleOf', { room: visit.room.roomName })}</h1>
      </div>
      <RecordingsList
        memberToken={visit.token}
        roomId={visit.room.roomId}
        canDelete={can('canDeleteRecordings')}
        hrefOf={({ recordingId }) => {
          const query = new URLSearchParams(search);
          query.set('recording', recordingId);
          return `${pathname}?${query.toString()}`;
        }}
      />
    </>
  );
}

function One({ visit, recordingId, canDelete }: { visit: RoomVisit; recordingId: string; canDelete: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const recording = useRecording(recordingId, visit.token);
  if (recording.isPending) return <Loading label={t('app.loading')} />;
  if (recording.error) {
    const isGone = isStatus(recording.error, 404, 422);
    return <Banner tone="bad">{isGone ? t('recordings.missing') : errorText(recording.error, t)}</Banner>;
  }
  return (
    <Player
      recording={recording.data}
      memberToken={visit.token}
      canDelete={canDelete}
      onDeleted={() => void navigate(-1)}
    />
  );
}
