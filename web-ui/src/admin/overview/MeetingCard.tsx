/** Who is in the meeting now. Everybody present is listed, the room and the recorder too (features T11). */
import { Camera, CameraOff, Mic, MicOff, MonitorUp, Users } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { BoxParticipant, BoxStatus } from '../../api/model';
import { formatTime } from '../../lib/format';
import { Avatar } from '../../ui/Avatar';
import { Quality } from '../../ui/Quality';
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
            <Person key={one.identity} person={one} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function Person({ person }: { person: BoxParticipant }) {
  const { t } = useTranslation();
  return (
    <li className={styles.person}>
      <Avatar name={person.name} kind={person.kind} />
      <span className={styles.personName}>
        {person.name}
        {person.kind !== 'standard' && <Pill tone="accent">{t(`kind.${person.kind}`)}</Pill>}
        {person.kind === 'standard' && isBadge(person.role) && <Pill>{t(`badge.${person.role}`)}</Pill>}
      </span>
      {person.kind !== 'recorder' && <Media person={person} />}
    </li>
  );
}

function Media({ person }: { person: BoxParticipant }) {
  const { t } = useTranslation();
  const Microphone = person.audioActive ? Mic : MicOff;
  const Video = person.videoActive ? Camera : CameraOff;
  return (
    <span className={styles.icons}>
      {person.screenShareActive && <MonitorUp size={18} role="img" aria-label={t('media.sharing')} />}
      <Microphone size={18} role="img" aria-label={t(person.audioActive ? 'media.micOn' : 'media.micOff')} />
      <Video size={18} role="img" aria-label={t(person.videoActive ? 'media.camOn' : 'media.camOff')} />
      <Quality quality={person.quality} label={t(`quality.${person.quality}`)} />
    </span>
  );
}

function isBadge(role: string): role is 'owner' | 'admin' | 'moderator' {
  return role === 'owner' || role === 'admin' || role === 'moderator';
}
