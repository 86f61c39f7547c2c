/** How a recording stands. */
import { useTranslation } from 'react-i18next';
import type { Recording } from '../../api/model';
import { Pill, type Tone } from '../../ui/Surface';

const TONES: Record<Recording['status'], Tone> = {
  starting: 'bad',
  active: 'bad',
  ending: 'warn',
  complete: 'ok',
  failed: 'bad',
  aborted: 'bad',
  limit_reached: 'warn',
};

export function StatusPill({ status }: { status: Recording['status'] }) {
  const { t } = useTranslation();
  return <Pill tone={TONES[status]}>{t(`recordings.st.${status}`)}</Pill>;
}
