/** A box to tick; the label may be spoken only. */
import { Check, Minus } from 'lucide-react';
import type { ReactNode } from 'react';
import { Checkbox as AriaCheckbox } from 'react-aria-components';
import styles from './Field.module.css';

export interface CheckboxProps {
  label: string;
  hideLabel?: boolean;
  /** Beside it, where the label is spoken only. */
  children?: ReactNode;
  isSelected: boolean;
  isIndeterminate?: boolean;
  onChange: (selected: boolean) => void;
}

export function Checkbox({ label, hideLabel, isIndeterminate = false, children, ...props }: CheckboxProps) {
  return (
    <AriaCheckbox
      {...props}
      isIndeterminate={isIndeterminate}
      className={styles.checkbox ?? ''}
      {...(hideLabel ? { 'aria-label': label } : {})}
    >
      {({ isSelected }) => (
        <>
          <span className={styles.tick} aria-hidden>
            {isIndeterminate ? <Minus size={14} strokeWidth={3} /> : isSelected && <Check size={14} strokeWidth={3} />}
          </span>
          {hideLabel ? children : label}
        </>
      )}
    </AriaCheckbox>
  );
}
