/** All recordings the signed-in user may see, or those of one room (features V3). */
import { ArrowLeft } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { useMe } from '../../api/auth';
import { useManagedRoom } from '../../api/manageRooms';
import { paths } from '../../app/paths';
import { useTitle } from '../../app/useTitle';
import { deletesRecordings } from '../../lib/console';
import page from '../page.module.css';
import styles from './Recordings.module.css';
import { RecordingsList } from './RecordingsList';

export function RecordingsPage() {
  const { t } = useTranslation();
  const me = useMe();
  const [search] = useSearchParams();
  const roomId = search.get('roomId') ?? undefined;
  return (
    <div className={page.page}>
      {roomId && (
        <Link to={paths.recordings} className={styles.back ?? ''}>
          <ArrowLeft size={18} aria-hidden />
          {t('recordings.back')}
        </Link>
      )}
      <div className={page.head}>{roomId ? <RoomTitle roomId={roomId} /> : <Title text={t('recordings.title')} />}</div>
      <RecordingsList
        key={roomId}
        {...(roomId ? { roomId } : {})}
        canDelete={deletesRecordings(me.data)}
        searchable={!roomId}
        hrefOf={(one) => paths.recording(one.recordingId)}
      />
    </div>
  );
}

function RoomTitle({ roomId }: { roomId: string }) {
  const { t } = useTranslation();
  const name = useManagedRoom(roomId).data?.room.roomName;
  return <Title text={name ? t('recordings.titleOf', { room: name }) : t('recordings.title')} />;
}

function Title({ text }: { text: string }) {
  useTitle(text);
  return <h1>{text}</h1>;
}
