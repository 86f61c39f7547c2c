/** What the TV of the room shows, about four times a second. Rests while the tab is hidden. */
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { tvUrl } from '../api/panel';
import styles from './Panel.module.css';

const PERIOD_MS = 250;
const AFTER_ERROR_MS = 2000;

export function Tv() {
  const { t } = useTranslation();
  const { frame, failed, onLoad, onError } = useFrames();
  return (
    <figure className={styles.tv}>
      <div className={styles.screen}>
        {failed && <p>{t('panel.tvOff')}</p>}
        <img src={tvUrl(frame)} alt={t('panel.tv')} hidden={failed} onLoad={onLoad} onError={onError} />
      </div>
      <figcaption className={styles.maker} aria-hidden>
        {t('app.name')}
      </figcaption>
    </figure>
  );
}

/** The next picture is asked for only when the last one is there: a slow line shows fewer, not late ones. */
function useFrames() {
  const [frame, setFrame] = useState(0);
  const [wait, setWait] = useState<number>();
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (wait === undefined) return;
    const next = () => {
      setWait(undefined);
      setFrame((count) => count + 1);
    };
    const whenVisible = () => {
      if (document.hidden) return;
      document.removeEventListener('visibilitychange', whenVisible);
      next();
    };
    const timer = setTimeout(() => {
      if (!document.hidden) next();
      else document.addEventListener('visibilitychange', whenVisible);
    }, wait);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', whenVisible);
    };
  }, [wait, frame]);
  return {
    frame,
    failed,
    onLoad: () => {
      setFailed(false);
      setWait(PERIOD_MS);
    },
    onError: () => {
      setFailed(true);
      setWait(AFTER_ERROR_MS);
    },
  };
}
