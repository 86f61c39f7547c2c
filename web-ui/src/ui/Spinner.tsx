/** Something is under way. */
import { classes } from './classes';
import styles from './Spinner.module.css';

export function Spinner({ small }: { small?: boolean }) {
  return <span aria-hidden="true" data-keep-motion className={classes(styles.spinner, small && styles.small)} />;
}

/** Fills a page or card while its content is fetched. */
export function Loading({ label }: { label: string }) {
  return (
    <div className={styles.page} role="status">
      <Spinner />
      <span>{label}</span>
    </div>
  );
}
