/** Everybody in the meeting; the room and the recorder are listed as such (features T11). */
import { useConnectionQualityIndicator, useParticipants } from '@livekit/components-react';
import { ConnectionQuality, type Participant, type Room } from 'livekit-client';
import { Camera, CameraOff, Mic, MicOff, MonitorUp } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Avatar } from '../ui/Avatar';
import { Quality } from '../ui/Quality';
import { Pill } from '../ui/Surface';
import { badgeOfParticipant, kindOf, nameOf } from './participant';
import styles from './People.module.css';

export function PeoplePanel({ room }: { room: Room }) {
  const { t } = useTranslation();
  const participants = useParticipants({ room });
  const people = participants.filter((one) => kindOf(one) === 'standard').length;
  return (
    <>
      <p className={styles.count}>{t('people.count', { count: people })}</p>
      {/* Scrolls: reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <ul className={styles.list} tabIndex={0} aria-label={t('people.title')}>
        {participants.map((one) => (
          <Person key={one.identity} participant={one} />
        ))}
      </ul>
    </>
  );
}

function Person({ participant }: { participant: Participant }) {
  const { t } = useTranslation();
  const kind = kindOf(participant);
  const badge = badgeOfParticipant(participant);
  const name = nameOf(participant);
  return (
    <li className={styles.person}>
      <Avatar name={name} kind={kind} />
      <span className={styles.name}>
        {name}
        {participant.isLocal && <Pill tone="accent">{t('kind.you')}</Pill>}
        {kind !== 'standard' && <Pill tone="accent">{t(`kind.${kind}`)}</Pill>}
        {kind === 'standard' && badge !== 'other' && <Pill>{t(`badge.${badge}`)}</Pill>}
      </span>
      {kind !== 'recorder' && <Media participant={participant} />}
    </li>
  );
}

function Media({ participant }: { participant: Participant }) {
  const { t } = useTranslation();
  const { quality } = useConnectionQualityIndicator({ participant });
  const { isMicrophoneEnabled: mic, isCameraEnabled: cam, isScreenShareEnabled: sharing } = participant;
  const known = quality === ConnectionQuality.Unknown ? 'unknown' : quality;
  return (
    <span className={styles.icons}>
      {sharing && <MonitorUp size={18} role="img" aria-label={t('media.sharing')} />}
      {mic ? (
        <Mic size={18} role="img" aria-label={t('media.micOn')} />
      ) : (
        <MicOff size={18} role="img" aria-label={t('media.micOff')} />
      )}
      {cam ? (
        <Camera size={18} role="img" aria-label={t('media.camOn')} />
      ) : (
        <CameraOff size={18} role="img" aria-label={t('media.camOff')} />
      )}
      <Quality quality={known} label={t(`quality.${known}`)} />
    </span>
  );
}
