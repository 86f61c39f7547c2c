/** Round switch for microphone or camera over a picture; red when off. */
import type { ReactNode } from 'react';
import { IconButton } from '../ui/Button';
import { classes } from '../ui/classes';
import styles from './MediaSwitch.module.css';

export interface MediaSwitchProps {
  on: boolean;
  label: string;
  icon: ReactNode;
  onPress: () => void;
}

export function MediaSwitch({ on, label, icon, onPress }: MediaSwitchProps) {
  return (
    <IconButton label={label} icon={icon} onPress={onPress} className={classes(styles.switch, !on && styles.off)} />
  );
}
