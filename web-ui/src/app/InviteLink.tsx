/** The links of a room, one for each kind of guest, to copy and to scan. */
import { useTranslation } from 'react-i18next';
import { CopyText } from './CopyText';
import { Segmented } from '../ui/Segmented';
import { QrCode } from '../ui/Share';
import styles from './InviteLink.module.css';
import { useShareable } from './useShareable';

export type Guest = 'speaker' | 'moderator';

export interface InviteLinkProps {
  who: Guest;
  onWho: (who: Guest) => void;
  /** The link for `who`. */
  url: string;
  /** There is a link for both: one may choose. */
  choice: boolean;
}

export function InviteLink({ who, onWho, url, choice }: InviteLinkProps) {
  const { t } = useTranslation();
  const link = useShareable(url);
  return (
    <div className={styles.invite}>
      <div className={styles.text}>
        {choice && (
          <Segmented
            label={t('overview.who')}
            options={[
              { id: 'speaker', label: t('overview.speaker') },
              { id: 'moderator', label: t('overview.moderator') },
            ]}
            value={who}
            onChange={onWho}
          />
        )}
        <p>{t(`overview.${who}Text`)}</p>
        <CopyText value={link} />
      </div>
      <div className={styles.qr}>
        <QrCode value={link} label={t('overview.qr', { who: t(`overview.${who}`) })} />
      </div>
    </div>
  );
}
