/** Connection quality as bars. */
import styles from './Quality.module.css';

const LIT = { excellent: 3, good: 2, poor: 1, lost: 0, unknown: 0 };

export type QualityName = keyof typeof LIT;

export function Quality({ quality, label }: { quality: QualityName; label: string }) {
  const lit = LIT[quality];
  return (
    <span className={styles.bars} data-quality={quality} role="img" aria-label={label} title={label}>
      {[1, 2, 3].map((bar) => (
        <span key={bar} className={styles.bar} data-on={bar <= lit || undefined} />
      ))}
    </span>
  );
}
