/** A button of the box. Reports going down and coming up, so that holding it is felt. */
import { Camera, Circle, Mic, PhoneOff, Power, Square } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { pressButton } from '../api/panel';
import { errorText } from '../app/errorText';
import { PressButton } from '../ui/PressButton';
import { showToast } from '../ui/toastStore';
import styles from './Panel.module.css';

const ICONS: Record<string, ReactNode> = {
  record: <Circle size={26} fill="currentColor" aria-hidden />,
  stop: <Square size={24} fill="currentColor" aria-hidden />,
  mute: <Mic size={26} aria-hidden />,
  camera: <Camera size={26} aria-hidden />,
  'hang-up': <PhoneOff size={26} aria-hidden />,
};

export function HardwareButton({ id, label }: { id: string; label: string }) {
  const { t } = useTranslation();
  const send = (action: 'down' | 'up') =>
    void pressButton(id, action).catch((error: unknown) => showToast(errorText(error, t), 'bad'));
  return (
    <PressButton className={styles.key ?? ''} data-key={id} onDown={() => send('down')} onUp={() => send('up')}>
      {ICONS[id] ?? <Power size={26} aria-hidden />}
      {label}
    </PressButton>
  );
}
