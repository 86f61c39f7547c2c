/** A page with one card in the middle: sign-in, notices, dead ends. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './Centered.module.css';
import { Logo } from './Logo';
import { useTitle } from './useTitle';

export interface CenteredProps {
  title: string;
  children: ReactNode;
  actions?: ReactNode;
}

export function Centered({ title, children, actions }: CenteredProps) {
  const { t } = useTranslation();
  useTitle(title);
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <div className={styles.brand}>
          <Logo />
          {t('app.name')}
        </div>
        <h1>{title}</h1>
        {children}
        {actions && <div className={styles.actions}>{actions}</div>}
      </div>
    </main>
  );
}
