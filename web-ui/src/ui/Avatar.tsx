/** Stands for a person, the room or the recorder where there is no picture. */
import { Disc, Tv, UserRound } from 'lucide-react';
import type { CSSProperties } from 'react';
import { hueOf, initials } from '../lib/format';
import styles from './Avatar.module.css';
import { classes } from './classes';

export interface AvatarProps {
  name: string;
  kind: 'standard' | 'room' | 'recorder';
  /** CSS pixels. */
  size?: number;
}

export function Avatar({ name, kind, size = 34 }: AvatarProps) {
  const style = { '--size': `${size}px`, '--hue': hueOf(name) } as CSSProperties;
  return (
    <span className={classes(styles.avatar, kind !== 'standard' && styles.box)} style={style} aria-hidden>
      {kind === 'room' && <Tv size={size * 0.52} />}
      {kind === 'recorder' && <Disc size={size * 0.52} />}
      {kind === 'standard' && (name.trim() ? initials(name) : <UserRound size={size * 0.52} />)}
    </span>
  );
}
