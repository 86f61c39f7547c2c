/** Record state of the room, with start and stop. */
import { Circle, Square } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { BoxRecording } from '../../api/model';
import { useRecordingSwitch } from '../../api/recordings';
import { recordingErrorText } from '../../app/recordingErrorText';
import { useNow } from '../../app/useNow';
import { formatDuration } from '../../lib/format';
import { Button } from '../../ui/Button';
import { Banner, Card } from '../../ui/Surface';
import { showToast } from '../../ui/toastStore';
import styles from './Overview.module.css';

export interface RecordingCardProps {
  /** Whose recording may be started and stopped; absent for those who only look. */
  roomId: string | undefined;
  recording: BoxRecording;
}

export function RecordingCard({ roomId, recording }: RecordingCardProps) {
  const { t } = useTranslation();
  const { start, stop } = useRecordingSwitch();
  const { state, recordingId, message } = recording;
  const running = state === 'recording' || state === 'stopping';
  const onError = (error: unknown) => showToast(recordingErrorText(error, t), 'bad');
  return (
    <Card title={t('overview.recording')}>
      <div className={styles.recording}>
        <div className={styles.recState} role="status">
          <span className={styles.dot} data-state={state} data-keep-motion aria-hidden />
          {t(`recording.${state}`)}
        </div>
        {state === 'recording' && <Elapsed since={recording.startDate} />}
        {message && <Banner tone={state === 'fault' ? 'bad' : 'info'}>{message}</Banner>}
        {state === 'off' && <p className={styles.hint}>{t('recording.offHint')}</p>}
        {roomId && running && (
          <Button
            variant="danger"
            icon={<Square size={16} fill="currentColor" aria-hidden />}
            isPending={state === 'stopping' || stop.isPending}
            isDisabled={!recordingId}
            onPress={() => recordingId && stop.mutate(recordingId, { onError })}
          >
            {t('recording.stop')}
          </Button>
        )}
        {roomId && !running && (
          <Button
            icon={<Circle size={16} fill="var(--rec)" stroke="var(--rec)" aria-hidden />}
            isPending={state === 'starting' || start.isPending}
            onPress={() => start.mutate(roomId, { onError })}
          >
            {t('recording.start')}
          </Button>
        )}
      </div>
    </Card>
  );
}

function Elapsed({ since }: { since: number | null | undefined }) {
  const now = useNow(1000);
  if (!since) return null;
  return <div className={styles.time}>{formatDuration((now - since) / 1000)}</div>;
}
