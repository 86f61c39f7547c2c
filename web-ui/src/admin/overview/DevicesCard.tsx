/** Whether camera, microphone, loudspeaker and TV work. */
import { Camera, Mic, Tv, Volume2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { BoxDevice } from '../../api/model';
import { Card, Pill } from '../../ui/Surface';
import styles from './Overview.module.css';

const ICONS = { camera: Camera, microphone: Mic, speaker: Volume2, display: Tv };
const TONES = { standby: 'neutral', running: 'ok', restarting: 'warn' } as const;

export function DevicesCard({ devices }: { devices: BoxDevice[] }) {
  const { t } = useTranslation();
  return (
    <Card title={t('overview.devices')}>
      <ul className={styles.devices}>
        {devices.map(({ device, state, message }) => {
          const Icon = ICONS[device];
          return (
            <li key={device} className={styles.device}>
              <Icon size={20} aria-hidden />
              <span>{t(`device.${device}`)}</span>
              <Pill tone={TONES[state]}>{t(`device.${state}`)}</Pill>
              {message && <p>{message}</p>}
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
