/** The way in of one member. */
import { useTranslation } from 'react-i18next';
import type { RoomMember } from '../../api/model';
import { CopyText } from '../../app/CopyText';
import { useShareable } from '../../app/useShareable';
import { Modal } from '../../ui/Modal';
import { QrCode } from '../../ui/Share';
import styles from '../rooms/Room.module.css';

export function MemberLinkDialog({ member, onClose }: { member: RoomMember; onClose: () => void }) {
  const { t } = useTranslation();
  const { name, accessUrl = '' } = member;
  const link = useShareable(accessUrl);
  const title = t('members.link', { name });
  return (
    <Modal title={title} closeLabel={t('app.close')} isOpen onClose={onClose}>
      <p>{t(`members.linkText.${member.type}`, { name })}</p>
      <CopyText value={link} />
      <div className={styles.centered}>
        <QrCode value={link} label={t('access.qr', { link: title })} />
      </div>
    </Modal>
  );
}
