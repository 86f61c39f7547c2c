/** Who is in the meeting now. Everybody present is listed, the room and the recorder too (features T11). */
import { Users } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { BoxStatus } from '../../api/model';
import { Person } from '../../app/Person';
import { formatTime } from '../../lib/format';
import { Card, Empty, Pill } from '../../ui/Surface';
import styles from './Overview.module.css';

export function MeetingCard({ status }: { status: BoxStatus }) {
  const { t } = useTranslation();
  const { participants, startDate } = status.meeting;
  const people = participants.filter((one) => one.kind === 'standard').length;
  return (
    <Card
      title={t('overview.meeting')}
      aside={
        participants.length > 0 && (
          <Pill>
            {t('overview.people', { count: people })}
            {startDate ? ` · ${t('overview.since', { time: formatTime(startDate) })}` : ''}
          </Pill>
        )
      }
    >
      {people === 0 && (
        <Empty icon={<Users aria-hidden />} title={t('overview.nobody')}>
          <p>{t('overview.nobodyText')}</p>
        </Empty>
      )}
      {participants.length > 0 && (
        <ul className={styles.people}>
          {participants.map((one) => (
            <Person
              key={one.identity}
              name={one.name}
              kind={one.kind}
              role={one.role}
              microphone={one.audioActive}
              camera={one.videoActive}
              sharing={one.screenShareActive}
              quality={one.quality}
            />
          ))}
        </ul>
      )}
    </Card>
  );
}
