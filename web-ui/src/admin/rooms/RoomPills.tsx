/** How a room stands, and what is going to happen to it. */
import { useTranslation } from 'react-i18next';
import type { Room } from '../../api/model';
import { formatDate } from '../../lib/format';
import { Pill, type Tone } from '../../ui/Surface';
import styles from '../list/List.module.css';

const TONES: Record<Room['status'], Tone> = { open: 'neutral', active_meeting: 'ok', closed: 'warn' };

export function RoomPills({ room, isHome = false }: { room: Room; isHome?: boolean }) {
  const { t } = useTranslation();
  const { status, meetingEndAction: end, autoDeletionDate } = room;
  return (
    <span className={styles.pills}>
      {isHome && <Pill tone="accent">{t('rooms.home')}</Pill>}
      <Pill tone={TONES[status]}>{t(`rooms.st.${status}`)}</Pill>
      {(end === 'close' || end === 'delete') && <Pill tone="bad">{t(`rooms.end.${end}`)}</Pill>}
      {autoDeletionDate !== undefined && (
        <Pill tone="warn">{t('rooms.deletesItself', { date: formatDate(autoDeletionDate) })}</Pill>
      )}
    </span>
  );
}
