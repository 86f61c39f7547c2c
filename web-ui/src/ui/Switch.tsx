/** Something that is on or off and takes effect at once or on saving. */
import { useId, type ReactNode } from 'react';
import { Switch as AriaSwitch } from 'react-aria-components';
import styles from './Switch.module.css';

export interface SwitchProps {
  label: string;
  hideLabel?: boolean;
  /** Under the label, in small. */
  description?: ReactNode;
  isSelected: boolean;
  isDisabled?: boolean;
  /** Is not switched for now; unlike a disabled one it keeps the focus. */
  isHeld?: boolean;
  onChange: (on: boolean) => void;
}

export function Switch({ label, hideLabel, description, isHeld = false, ...props }: SwitchProps) {
  const id = useId();
  const described = description ? { 'aria-describedby': id } : {};
  return (
    <AriaSwitch
      {...props}
      isReadOnly={isHeld}
      className={styles.switch ?? ''}
      {...(hideLabel || description ? { 'aria-label': label } : {})}
      {...described}
    >
      <span className={styles.track} aria-hidden>
        <span className={styles.thumb} />
      </span>
      {!hideLabel && (
        <span className={styles.text}>
          <span>{label}</span>
          {description && (
            <span id={id} className={styles.description}>
              {description}
            </span>
          )}
        </span>
      )}
    </AriaSwitch>
  );
}
