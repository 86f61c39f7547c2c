/** The room's links, to copy, scan or open. */
import { DoorOpen } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Box } from '../../api/model';
import { shareable } from '../../lib/links';
import { LinkButton } from '../../ui/Button';
import { Segmented } from '../../ui/Segmented';
import { CopyField, QrCode } from '../../ui/Share';
import { Card } from '../../ui/Surface';
import styles from './Overview.module.css';

export function InviteCard({ room }: { room: Box['homeRoom'] }) {
  const { t } = useTranslation();
  const [who, setWho] = useState<'speaker' | 'moderator'>('speaker');
  const url = shareable(who === 'speaker' ? room.speakerUrl : room.moderatorUrl, room.lanUrls?.[0]);
  return (
    <Card
      title={t('overview.invite')}
      aside={
        <LinkButton
          href={who === 'speaker' ? room.speakerUrl : room.moderatorUrl}
          target="_blank"
          variant="primary"
          icon={<DoorOpen size={18} aria-hidden />}
        >
          {t('overview.open')}
        </LinkButton>
      }
    >
      <div className={styles.invite}>
        <div className={styles.inviteText}>
          <Segmented
            label={t('overview.who')}
            options={[
              { id: 'speaker', label: t('overview.speaker') },
              { id: 'moderator', label: t('overview.moderator') },
            ]}
            value={who}
            onChange={setWho}
          />
          <p>{t(`overview.${who}Text`)}</p>
          <CopyField value={url} copyLabel={t('app.copy')} copiedLabel={t('app.copied')} />
        </div>
        <div className={styles.qr}>
          <QrCode value={url} label={t('overview.qr', { who: t(`overview.${who}`) })} />
        </div>
      </div>
    </Card>
  );
}
