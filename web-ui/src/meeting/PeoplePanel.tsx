/** Everybody in the meeting; the room and the recorder are listed as such (features T11). Moderators act from here. */
import { useConnectionQualityIndicator, useParticipants } from '@livekit/components-react';
import type { Participant as LiveKitParticipant, Room } from 'livekit-client';
import { MicOff } from 'lucide-react';
import { useEffect, useRef, useState, type FocusEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Person } from '../app/Person';
import { cameByLink, type Badge } from '../lib/can';
import { Button } from '../ui/Button';
import { Confirm } from '../ui/Modal';
import { badgeOfParticipant, kindOf, nameOf } from './participant';
import styles from './People.module.css';
import { PersonMenu } from './PersonMenu';
import { usePeopleActions, type PeopleActions } from './usePeopleActions';
import type { Rights } from './useRights';

export interface PeoplePanelProps {
  room: Room;
  roomId: string;
  member: Rights;
}

export function PeoplePanel({ room, roomId, member }: PeoplePanelProps) {
  const { t } = useTranslation();
  const participants = useParticipants({ room });
  const actions = usePeopleActions(room, roomId, member);
  const [removing, setRemoving] = useState<{ identity: string; name: string; byLink: boolean }>();
  const withRoom = participants.some((one) => kindOf(one) === 'room');
  const people = participants.filter((one) => kindOf(one) === 'standard').length;
  const here = participants.map((one) => one.identity);
  const removed = actions.removed.map((one) => one.participantIdentity);
  const { list, onFocus, onBlur } = useKeptList([...here, '-', ...removed].join(' '));
  return (
    <div className={styles.panel} onFocus={onFocus} onBlur={onBlur}>
      <div className={styles.head}>
        <span>{t(withRoom ? 'people.countWithRoom' : 'people.count', { count: people })}</span>
        {actions.mayMute && people > 1 && (
          <Button
            size="small"
            icon={<MicOff size={16} aria-hidden />}
            isPending={actions.isPending}
            onPress={() => actions.act({ kind: 'muteAll' })}
          >
            {t('people.muteAll')}
          </Button>
        )}
      </div>
      {/* Scrolls: reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <ul ref={list} className={styles.list} tabIndex={0} aria-label={t('people.title')}>
        {participants.map((one) => (
          <Participant
            key={one.identity}
            participant={one}
            badge={one.isLocal ? member.badge : badgeOfParticipant(one)}
            actions={actions}
            onRemove={() =>
              setRemoving({ identity: one.identity, name: nameOf(one), byLink: cameByLink(one.metadata) })
            }
          />
        ))}
      </ul>
      {actions.removed.length > 0 && <Removed actions={actions} />}
      {removing && (
        <Confirm
          title={t('people.removeTitle', removing)}
          confirmLabel={t('people.remove')}
          cancelLabel={t('app.cancel')}
          isOpen
          onConfirm={() => {
            const { identity, name } = removing;
            actions.act({ kind: 'remove', identity, name });
            setRemoving(undefined);
          }}
          onClose={() => setRemoving(undefined)}
        >
          <p>{t('people.removeText')}</p>
          {removing.byLink && <p>{t('people.removeByLink')}</p>}
        </Confirm>
      )}
    </div>
  );
}

/** Frames to wait for the focus to be given up, as by a question that closes. */
const PATIENCE = 60;

/** When the one whose button has the focus goes, the list has it: without it a keyboard starts over at the top. */
function useKeptList(people: string) {
  const list = useRef<HTMLUListElement>(null);
  const isHere = useRef(false);
  useEffect(() => {
    let left = isHere.current ? PATIENCE : 0;
    let frame = 0;
    const take = () => {
      left -= 1;
      if (left < 0) return;
      if (document.activeElement === document.body) list.current?.focus({ preventScroll: true });
      else frame = requestAnimationFrame(take);
    };
    take();
    return () => cancelAnimationFrame(frame);
  }, [people]);
  const onFocus = () => {
    isHere.current = true;
  };
  // By a press beside everything, not because what had it went.
  const onBlur = ({ target }: FocusEvent) => {
    requestAnimationFrame(() => {
      if (target.isConnected && document.hasFocus() && document.activeElement === document.body) isHere.current = false;
    });
  };
  return { list, onFocus, onBlur };
}

function Removed({ actions }: { actions: PeopleActions }) {
  const { t } = useTranslation();
  return (
    <section className={styles.removed} aria-label={t('people.removed')}>
      <h3>{t('people.removed')}</h3>
      <ul>
        {actions.removed.map(({ participantIdentity: identity, participantName: name }) => (
          <li key={identity}>
            <bdi>{name}</bdi>
            <Button
              size="small"
              aria-label={t('people.inviteBackOne', { name })}
              onPress={() => actions.act({ kind: 'inviteBack', identity, name })}
            >
              {t('people.inviteBack')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface ParticipantProps {
  participant: LiveKitParticipant;
  badge: Badge;
  actions: PeopleActions;
  onRemove: () => void;
}

function Participant({ participant, badge, actions, onRemove }: ParticipantProps) {
  const { quality } = useConnectionQualityIndicator({ participant });
  return (
    <Person
      name={nameOf(participant)}
      kind={kindOf(participant)}
      role={badge}
      isYou={participant.isLocal}
      microphone={participant.isMicrophoneEnabled}
      camera={participant.isCameraEnabled}
      sharing={participant.isScreenShareEnabled}
      quality={quality}
      menu={<PersonMenu participant={participant} badge={badge} actions={actions} onRemove={onRemove} />}
    />
  );
}
