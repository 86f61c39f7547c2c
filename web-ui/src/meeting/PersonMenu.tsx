/** What a moderator can do about one person; nothing where there is no right, or the person is above it. */
import type { Participant } from 'livekit-client';
import { CameraOff, EllipsisVertical, MicOff, ShieldMinus, ShieldPlus, UserX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { isPromoted, type Badge } from '../lib/can';
import { IconButton } from '../ui/Button';
import { Menu, type MenuEntry } from '../ui/Menu';
import { kindOf, nameOf } from './participant';
import type { PeopleActions } from './usePeopleActions';

export interface PersonMenuProps {
  participant: Participant;
  badge: Badge;
  actions: PeopleActions;
  /** Asks before. */
  onRemove: () => void;
}

export function PersonMenu(props: PersonMenuProps) {
  const { t } = useTranslation();
  const { participant } = props;
  const entries = useEntries(props);
  if (entries.length === 0) return null;
  const label = t('people.menu', { name: nameOf(participant) });
  return (
    <Menu
      label={label}
      trigger={<IconButton label={label} icon={<EllipsisVertical size={18} aria-hidden />} size="small" />}
      groups={[{ entries }]}
      placement="bottom end"
    />
  );
}

function useEntries({ participant, badge, actions, onRemove }: PersonMenuProps): MenuEntry[] {
  const { t } = useTranslation();
  // Owner, admins and operators are above a moderator.
  if (participant.isLocal || kindOf(participant) !== 'standard' || badge === 'owner' || badge === 'admin') return [];
  const { identity } = participant;
  const entry = (kind: 'mute' | 'cameraOff' | 'promote' | 'demote', Icon: typeof MicOff): MenuEntry => ({
    id: kind,
    label: t(`people.${kind}`),
    icon: <Icon size={18} aria-hidden />,
    onAction: () => actions.act({ kind, identity, name: nameOf(participant) }),
  });
  const entries: MenuEntry[] = [];
  if (actions.mayMute && participant.isMicrophoneEnabled) entries.push(entry('mute', MicOff));
  if (actions.mayMute && participant.isCameraEnabled) entries.push(entry('cameraOff', CameraOff));
  if (actions.mayPromote && isPromoted(participant.metadata)) entries.push(entry('demote', ShieldMinus));
  else if (actions.mayPromote && badge === 'other') entries.push(entry('promote', ShieldPlus));
  if (actions.mayRemove) {
    const icon = <UserX size={18} aria-hidden />;
    entries.push({ id: 'remove', label: t('people.remove'), icon, danger: true, onAction: onRemove });
  }
  return entries;
}
