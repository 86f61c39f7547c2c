/** One person of a meeting in a list: face, name, what they are, and what they send. */
import { Camera, CameraOff, Mic, MicOff, MonitorUp } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Avatar } from '../ui/Avatar';
import { Quality, type QualityName } from '../ui/Quality';
import { Pill } from '../ui/Surface';
import styles from './Person.module.css';

export interface PersonProps {
  name: string;
  kind: 'standard' | 'room' | 'recorder';
  role: string;
  isYou?: boolean;
  microphone: boolean;
  camera: boolean;
  sharing: boolean;
  quality: QualityName;
  /** What can be done about them. */
  menu?: ReactNode;
}

/** A list item. */
export function Person({ name, kind, role, isYou, menu, ...media }: PersonProps) {
  const { t } = useTranslation();
  return (
    <li className={styles.person}>
      <Avatar name={name} kind={kind} />
      <span className={styles.name}>
        <bdi>{name}</bdi>
        {isYou && <Pill tone="accent">{t('kind.you')}</Pill>}
        {kind !== 'standard' && <Pill tone="accent">{t(`kind.${kind}`)}</Pill>}
        {kind === 'standard' && isBadge(role) && <Pill>{t(`badge.${role}`)}</Pill>}
      </span>
      {kind !== 'recorder' && <Media {...media} />}
      {menu}
    </li>
  );
}

function Media({
  microphone,
  camera,
  sharing,
  quality,
}: Omit<PersonProps, 'name' | 'kind' | 'role' | 'isYou' | 'menu'>) {
  const { t } = useTranslation();
  const Microphone = microphone ? Mic : MicOff;
  const Video = camera ? Camera : CameraOff;
  return (
    <span className={styles.icons}>
      {sharing && <MonitorUp size={18} role="img" aria-label={t('media.sharing')} />}
      <Microphone size={18} role="img" aria-label={t(microphone ? 'media.micOn' : 'media.micOff')} />
      <Video size={18} role="img" aria-label={t(camera ? 'media.camOn' : 'media.camOff')} />
      <Quality quality={quality} label={t(`quality.${quality}`)} />
    </span>
  );
}

function isBadge(role: string): role is 'owner' | 'admin' | 'moderator' {
  return role === 'owner' || role === 'admin' || role === 'moderator';
}
