/** Cards, pills, banners and the place where nothing is yet. */
import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import { useId, type ReactNode } from 'react';
import { classes } from './classes';
import styles from './Surface.module.css';

export interface CardProps {
  title: string;
  /** Right of the title. */
  aside?: ReactNode;
  children: ReactNode;
}

export function Card({ title, aside, children }: CardProps) {
  const id = useId();
  return (
    <section className={styles.card} aria-labelledby={id}>
      <div className={styles.cardHead}>
        <h2 id={id}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

export type Tone = 'neutral' | 'ok' | 'warn' | 'bad' | 'accent';

export function Pill({ tone = 'neutral', icon, children }: { tone?: Tone; icon?: ReactNode; children: ReactNode }) {
  return (
    <span className={classes(styles.pill, tone !== 'neutral' && styles[tone])}>
      {icon}
      {children}
    </span>
  );
}

export interface BannerProps {
  tone?: 'info' | 'warn' | 'bad';
  action?: ReactNode;
  children: ReactNode;
}

/** Spoken when it appears; a bad one at once. */
export function Banner({ tone = 'info', action, children }: BannerProps) {
  const Icon = { info: Info, warn: TriangleAlert, bad: CircleAlert }[tone];
  return (
    <div className={classes(styles.banner, tone !== 'info' && styles[tone])} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon size={20} aria-hidden />
      <span>{children}</span>
      {action}
    </div>
  );
}

export interface EmptyProps {
  icon: ReactNode;
  title: string;
  children?: ReactNode;
}

export function Empty({ icon, title, children }: EmptyProps) {
  return (
    <div className={styles.empty}>
      {icon}
      <h2>{title}</h2>
      {children}
    </div>
  );
}
