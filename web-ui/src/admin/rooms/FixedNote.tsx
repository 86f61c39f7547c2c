/** Says why a part of a room cannot be changed just now. */
import { useTranslation } from 'react-i18next';
import { Banner } from '../../ui/Surface';
import { useRoom } from './useRoom';

export function FixedNote() {
  const { t } = useTranslation();
  const { mayManage, isFixed } = useRoom();
  return mayManage && isFixed ? <Banner tone="warn">{t('rooms.running')}</Banner> : null;
}
