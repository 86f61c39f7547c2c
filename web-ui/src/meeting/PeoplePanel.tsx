/** Everybody in the meeting; the room and the recorder are listed as such (features T11). */
import { useConnectionQualityIndicator, useParticipants } from '@livekit/components-react';
import type { Participant as LiveKitParticipant, Room } from 'livekit-client';
import { useTranslation } from 'react-i18next';
import { Person } from '../app/Person';
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
          <Participant key={one.identity} participant={one} />
        ))}
      </ul>
    </>
  );
}

function Participant({ participant }: { participant: LiveKitParticipant }) {
  const { quality } = useConnectionQualityIndicator({ participant });
  return (
    <Person
      name={nameOf(participant)}
      kind={kindOf(participant)}
      role={badgeOfParticipant(participant)}
      isYou={participant.isLocal}
      microphone={participant.isMicrophoneEnabled}
      camera={participant.isCameraEnabled}
      sharing={participant.isScreenShareEnabled}
      quality={quality}
    />
  );
}
