/** Starts and stops the recording, and shows everyone that one runs (features V1). */
import { Circle, Square } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../ui/Button';
import { Spinner } from '../ui/Spinner';
import styles from './Meeting.module.css';
import type { RecordingControl, RecordingPhase } from './useRecordingControl';

export function RecordButton({ recording }: { recording: RecordingControl }) {
  const { t } = useTranslation();
  const { phase, start, stop } = recording;
  const running = phase === 'recording';
  if (phase === 'starting' || phase === 'stopping') {
    return <IconButton label={t(`recording.${phase}`)} icon={<Spinner small />} className={styles.control ?? ''} />;
  }
  return (
    <IconButton
      label={t(running ? 'recording.stop' : 'recording.start')}
      icon={
        running ? (
          <Square size={18} fill="currentColor" aria-hidden />
        ) : (
          <Circle size={20} fill="var(--rec)" stroke="var(--rec)" aria-hidden />
        )
      }
      onPress={running ? stop : start}
      className={styles.control ?? ''}
      {...(running ? { 'data-off': true } : {})}
    />
  );
}

/** At the bottom left, for everyone. */
export function RecordingIndicator({ phase }: { phase: RecordingPhase }) {
  const { t } = useTranslation();
  const shown = phase === 'recording' || phase === 'stopping';
  return (
    <div role="status" className={styles.indicatorPlace}>
      {shown && (
        <span className={styles.indicator}>
          <span className={styles.recDot} data-keep-motion aria-hidden />
          {t('recording.recording')}
        </span>
      )}
    </div>
  );
}
