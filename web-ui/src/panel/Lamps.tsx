/** The lamps of the box, with their pattern in words for those who do not see it. */
import { useTranslation } from 'react-i18next';
import type { Leds } from '../api/model';
import styles from './Panel.module.css';

const LEDS = ['tally', 'mute', 'status'] as const;

export function Lamps({ leds }: { leds: Leds }) {
  const { t } = useTranslation();
  return (
    <ul className={styles.lamps} aria-label={t('panel.leds')} aria-live="polite">
      {LEDS.map((led) => (
        <li key={led} className={styles.lamp}>
          <span className={styles.bulb} data-led={led} data-pattern={leds[led]} data-keep-motion aria-hidden />
          <span>
            {t(`panel.${led}`)}
            <span className="sr-only">: {t(`panel.lamp.${leds[led]}`)}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
