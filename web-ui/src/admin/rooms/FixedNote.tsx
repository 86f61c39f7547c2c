/** Says why a part of a room cannot be changed just now. */
import { useTranslation } from 'react-i18next';
import { Banner } from '../../ui/Surface';
import { useRoom } from './useRoom';

/** `links`: only whether they work is fixed, not which they are. */
export function FixedNote({ links = false }: { links?: boolean }) {
  const { t } = useTranslation();
  const { mayManage, isFixed } = useRoom();
  return mayManage && isFixed ? <Banner tone="warn">{t(links ? 'rooms.runningLinks' : 'rooms.running')}</Banner> : null;
}
