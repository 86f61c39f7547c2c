/** Plays one recording and shows its facts. */
import { Download, Trash2 } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Recording } from '../../api/model';
import { recordingUrl } from '../../api/recordings';
import { formatBytes, formatDate, formatDuration } from '../../lib/format';
import { Button, LinkButton } from '../../ui/Button';
import { Banner, Card } from '../../ui/Surface';
import page from '../page.module.css';
import { DeleteDialog } from './DeleteDialog';
import styles from './Recordings.module.css';
import { isDeletable, isOver, isPlayable } from './status';
import { StatusPill } from './StatusPill';

interface FilmProps {
  recording: Recording;
  /** Brings it with a fresh ticket. */
  readAgain: () => Promise<{ data: Recording | undefined }>;
}

export interface PlayerProps extends FilmProps {
  memberToken?: string;
  canDelete: boolean;
  onDeleted: () => void;
}

export function Player({ recording, readAgain, memberToken, canDelete, onDeleted }: PlayerProps) {
  const { t } = useTranslation();
  const [deleting, setDeleting] = useState<string[]>();
  const { recordingId: id } = recording;
  return (
    <div className={page.page}>
      <div className={page.head}>
        <h1 className={page.grow}>{t('recordings.player', { room: recording.roomName })}</h1>
        {isPlayable(recording) && (
          <LinkButton href={recordingUrl(recording, 'download')} download icon={<Download size={18} aria-hidden />}>
            {t('recordings.download')}
          </LinkButton>
        )}
        {canDelete && isDeletable(recording) && (
          <Button icon={<Trash2 size={18} aria-hidden />} onPress={() => setDeleting([id])}>
            {t('recordings.delete')}
          </Button>
        )}
      </div>
      {isPlayable(recording) ? (
        <Film recording={recording} readAgain={readAgain} />
      ) : (
        <Unplayable isOver={isOver(recording)} />
      )}
      <Facts recording={recording} />
      <DeleteDialog
        ids={deleting}
        {...(memberToken ? { memberToken } : {})}
        onClose={() => setDeleting(undefined)}
        onDone={onDeleted}
      />
    </div>
  );
}

/** Tickets live longer than that: what fails twice within it is not for the ticket. */
const ONCE_IN_MS = 60 * 60_000;

function Film({ recording, readAgain }: FilmProps) {
  const { t } = useTranslation();
  const video = useRef<HTMLVideoElement>(null);
  const [broken, setBroken] = useState(false);
  // The address of the first showing: a fresh ticket must not start the film anew.
  const [source, setSource] = useState(() => recordingUrl(recording, 'media'));
  const renewed = useRef<{ at: number; from: number; wasPlaying: boolean }>(undefined);
  const renew = async () => {
    const film = video.current;
    if (!film || Date.now() - (renewed.current?.at ?? 0) < ONCE_IN_MS) {
      setBroken(true);
      return;
    }
    renewed.current = { at: Date.now(), from: film.currentTime, wasPlaying: !film.paused };
    const { data } = await readAgain();
    const next = data && recordingUrl(data, 'media');
    if (!next || next === source) setBroken(true);
    else setSource(next);
  };
  // On from where the old address failed.
  const goOn = () => {
    const film = video.current;
    const { from = 0, wasPlaying = false } = renewed.current ?? {};
    if (!film || from === 0) return;
    renewed.current = { at: Date.now(), from: 0, wasPlaying: false };
    film.currentTime = from;
    // A browser that wants another press for it leaves the film where it was.
    if (wasPlaying) film.play().catch(() => undefined);
  };
  return (
    <>
      <video
        ref={video}
        className={styles.video}
        controls
        playsInline
        preload="metadata"
        aria-label={t('recordings.player', { room: recording.roomName })}
        src={source}
        onLoadedMetadata={goOn}
        onError={() => void renew()}
      />
      {broken && <Banner tone="bad">{t('recordings.playError')}</Banner>}
    </>
  );
}

function Unplayable({ isOver }: { isOver: boolean }) {
  const { t } = useTranslation();
  return <Banner tone={isOver ? 'warn' : 'info'}>{t(isOver ? 'recordings.notPlayable' : 'recordings.notYet')}</Banner>;
}

function Facts({ recording }: { recording: Recording }) {
  const { t } = useTranslation();
  const { startDate, duration, size, status, error } = recording;
  return (
    <Card title={recording.roomName} aside={<StatusPill status={status} />}>
      <dl className={page.facts}>
        <dt>{t('recordings.date')}</dt>
        <dd>{startDate ? formatDate(startDate) : '–'}</dd>
        <dt>{t('recordings.duration')}</dt>
        <dd>{duration === undefined ? '–' : formatDuration(duration)}</dd>
        <dt>{t('recordings.size')}</dt>
        <dd>{size === undefined ? '–' : formatBytes(size)}</dd>
      </dl>
      {error && <Banner tone="warn">{error}</Banner>}
    </Card>
  );
}
