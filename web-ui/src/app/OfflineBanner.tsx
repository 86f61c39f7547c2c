/** Says so while the box does not answer, and fetches everything again when it does. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { isReachable, subscribeReachability } from '../api/reachability';
import styles from './OfflineBanner.module.css';

export function OfflineBanner() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const reachable = useSyncExternalStore(subscribeReachability, isReachable);
  const before = useRef(reachable);
  useEffect(() => {
    if (reachable && !before.current) void client.invalidateQueries();
    before.current = reachable;
  }, [reachable, client]);
  return <div role="alert">{!reachable && <div className={styles.bar}>{t('app.offline')}</div>}</div>;
}
