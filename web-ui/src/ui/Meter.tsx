/** How full something is, and how loud. */
import { useId } from 'react';
import styles from './Meter.module.css';

export interface MeterPart {
  label: string;
  value: number;
  /** Shown in the legend. */
  text: string;
  tone?: 'accent' | 'neutral' | 'warn' | 'empty';
}

/** A bar of parts; the `empty` part is drawn as background. */
export function Meter({ label, parts }: { label: string; parts: MeterPart[] }) {
  const id = useId();
  const total = parts.reduce((sum, part) => sum + part.value, 0) || 1;
  return (
    <figure className={styles.meter} aria-labelledby={id}>
      <figcaption id={id} className="sr-only">
        {label}
      </figcaption>
      <div className={styles.bar} aria-hidden>
        {parts
          .filter((part) => part.tone !== 'empty' && part.value > 0)
          .map((part) => (
            <div
              key={part.label}
              className={styles.part}
              data-tone={part.tone}
              style={{ width: `${(100 * part.value) / total}%` }}
            />
          ))}
      </div>
      <ul className={styles.legend}>
        {parts.map((part) => (
          <li key={part.label}>
            <span className={styles.swatch} data-tone={part.tone} aria-hidden />
            {part.label}: {part.text}
          </li>
        ))}
      </ul>
    </figure>
  );
}

const TICKS = Array.from({ length: 12 }, (_, index) => index);

/** Loudness from 0 to 1. */
export function LevelMeter({ label, level }: { label: string; level: number }) {
  const lit = Math.round(Math.min(1, Math.max(0, level)) * TICKS.length);
  return (
    <div
      className={styles.level}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={TICKS.length}
      aria-valuenow={lit}
    >
      {TICKS.map((tick) => (
        <span key={tick} className={styles.tick} data-on={tick < lit || undefined} />
      ))}
    </div>
  );
}
