/** A button of the box. Reports going down and coming up, so that holding it is felt. */
import { Circle, Mic, Square } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { pressButton, type ButtonId } from '../api/panel';
import { errorText } from '../app/errorText';
import { PressButton } from '../ui/PressButton';
import { showToast } from '../ui/Toasts';
import styles from './Panel.module.css';

const ICONS = {
  record: <Circle size={26} fill="currentColor" aria-hidden />,
  stop: <Square size={24} fill="currentColor" aria-hidden />,
  mute: <Mic size={26} aria-hidden />,
};

export function HardwareButton({ id, label }: { id: ButtonId; label: string }) {
  const { t } = useTranslation();
  const send = (action: 'down' | 'up') =>
    void pressButton(id, action).catch((error: unknown) => showToast(errorText(error, t), 'bad'));
  return (
    <PressButton className={styles.key ?? ''} data-key={id} onDown={() => send('down')} onUp={() => send('up')}>
      {ICONS[id]}
      {label}
    </PressButton>
  );
}
