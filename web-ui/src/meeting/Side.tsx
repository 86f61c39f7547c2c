/** A panel beside the pictures, with a title and a way to close it. */
import { X } from 'lucide-react';
import type { KeyboardEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../ui/Button';
import styles from './Meeting.module.css';

export function Side({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const { t } = useTranslation();
  // Escape closes it from anywhere within, as it closes everything else; what opens above it closes by its own.
  const onKey = ({ key, currentTarget, target }: KeyboardEvent) => {
    if (key === 'Escape' && target instanceof Node && currentTarget.contains(target)) onClose();
  };
  return (
    <aside className={styles.side} aria-label={title} onKeyDownCapture={onKey}>
      <div className={styles.sideHead}>
        <h2>{title}</h2>
        <IconButton label={t('app.close')} icon={<X size={20} aria-hidden />} onPress={onClose} size="small" />
      </div>
      {children}
    </aside>
  );
}
