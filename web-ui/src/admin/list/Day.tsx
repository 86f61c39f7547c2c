/** A day in a list; the time of day is in its tooltip. */
import { formatDate, formatDay } from '../../lib/format';
import styles from './List.module.css';

/** `at` in milliseconds since 1970. */
export function Day({ at }: { at: number }) {
  return (
    <time className={styles.date} dateTime={new Date(at).toISOString()} title={formatDate(at)}>
      {formatDay(at)}
    </time>
  );
}
