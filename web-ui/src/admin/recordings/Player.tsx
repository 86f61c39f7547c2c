/** Plays one recording and shows its facts. */
import { Download, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Recording } from '../../api/model';
import { recordingUrl } from '../../api/recordings';
import { formatBytes, formatDate, formatDuration } from '../../lib/format';
import { Button, LinkButton } from '../../ui/Button';
import { Banner, Card } from '../../ui/Surface';
import page from '../page.module.css';
import { DeleteDialog } from './DeleteDialog';
import styles from './Recordings.module.css';
import { isOver, isPlayable } from './status';
import { StatusPill } from './StatusPill';

export interface PlayerProps {
  recording: Recording;
  memberToken?: string;
  canDelete: boolean;
  onDeleted: () => void;
}

export function Player({ recording, memberToken, canDelete, onDeleted }: PlayerProps) {
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
        {canDelete && isOver(recording) && (
          <Button icon={<Trash2 size={18} aria-hidden />} onPress={() => setDeleting([id])}>
            {t('recordings.delete')}
          </Button>
        )}
      </div>
      {isPlayable(recording) ? <Film recording={recording} /> : <Unplayable isOver={isOver(recording)} />}
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

function Film({ recording }: { recording: Recording }) {
  const { t } = useTranslation();
  const [broken, setBroken] = useState(false);
  // The address of the first showing: a fresh ticket must not start the film anew.
  const [source] = useState(() => recordingUrl(recording, 'media'));
  return (
    <>
      <video
        className={styles.video}
        controls
        playsInline
        preload="metadata"
        aria-label={t('recordings.player', { room: recording.roomName })}
        src={source}
        onError={() => setBroken(true)}
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
