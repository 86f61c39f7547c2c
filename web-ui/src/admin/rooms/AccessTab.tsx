/** The ways into a room: copy, scan, switch, replace (features R3). */
import { RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChangeRoom, type LinkName } from '../../api/manageRooms';
import { CopyText } from '../../app/CopyText';
import { useShareable } from '../../app/useShareable';
import { Button } from '../../ui/Button';
import { Confirm } from '../../ui/Modal';
import { QrCode } from '../../ui/Share';
import { Card } from '../../ui/Surface';
import { Switch } from '../../ui/Switch';
import { showToast } from '../../ui/toastStore';
import page from '../page.module.css';
import { FixedNote } from './FixedNote';
import styles from './Room.module.css';
import { SaveError } from './SaveBar';
import { useRoom } from './useRoom';

const LINKS = ['speaker', 'moderator', 'recording', 'user'] as const;

export function AccessTab() {
  return (
    <div className={page.page}>
      <FixedNote links />
      {LINKS.map((link) => (
        <LinkCard key={link} link={link} />
      ))}
    </div>
  );
}

function LinkCard({ link }: { link: LinkName | 'user' }) {
  const { t } = useTranslation();
  const { room, etag, mayManage, isFixed } = useRoom();
  const change = useChangeRoom({ room, etag });
  const [replacing, setReplacing] = useState(false);
  const { enabled = false, url } = (link === 'user' ? room.access?.user : room.access?.anonymous?.[link]) ?? {};
  const shared = useShareable(url ?? '');
  const title = t(`access.${link}`);
  const replace = () => {
    if (link === 'user') return;
    change.mutate(
      { kind: 'regenerate', link },
      { onSuccess: () => showToast(t('access.replaced')), onSettled: () => setReplacing(false) },
    );
  };
  return (
    <Card
      title={title}
      aside={
        <Switch
          label={t('access.enabledOf', { link: title })}
          hideLabel
          isSelected={enabled}
          isDisabled={!mayManage || isFixed}
          isHeld={change.isPending}
          onChange={(on) => change.mutate({ kind: 'link', link, enabled: on })}
        />
      }
    >
      <p className={styles.muted}>{t(`access.${link}Text`)}</p>
      {change.error && <SaveError error={change.error} textOfStale={t('access.stale')} />}
      {enabled && !url && <p>{t('access.hidden')}</p>}
      {enabled && url && (
        <div className={styles.link}>
          <div className={styles.linkText}>
            <CopyText value={shared} />
            {mayManage && link !== 'user' && (
              <div>
                <Button
                  icon={<RefreshCw size={18} aria-hidden />}
                  aria-label={t('access.replaceOf', { link: title })}
                  onPress={() => setReplacing(true)}
                >
                  {t('access.replace')}
                </Button>
              </div>
            )}
          </div>
          <QrCode value={shared} label={t('access.qr', { link: title })} size={112} />
        </div>
      )}
      {replacing && (
        <Confirm
          title={t('access.replaceTitle')}
          confirmLabel={t('access.replace')}
          cancelLabel={t('app.cancel')}
          isOpen
          isPending={change.isPending}
          onConfirm={replace}
          onClose={() => setReplacing(false)}
        >
          <p>{t('access.replaceText')}</p>
          {link !== 'recording' && <p>{t('access.replaceInside')}</p>}
        </Confirm>
      )}
    </Card>
  );
}
