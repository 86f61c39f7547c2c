/** Choice of one from a few. */
import { ChevronDown } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  Button as AriaButton,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select as AriaSelect,
  SelectValue,
} from 'react-aria-components';
import styles from './Field.module.css';

export interface SelectProps<K extends string> {
  label: string;
  /** Speak the label without showing it. */
  hideLabel?: boolean;
  icon?: ReactNode;
  options: readonly { id: K; label: string }[];
  value: K;
  onChange: (id: K) => void;
  isDisabled?: boolean;
}

export function Select<K extends string>(props: SelectProps<K>) {
  const { label, hideLabel, icon, options, value, onChange, isDisabled } = props;
  return (
    <AriaSelect
      className={styles.field ?? ''}
      selectedKey={value}
      onSelectionChange={(key) => key !== null && onChange(key as K)}
      isDisabled={isDisabled ?? false}
      {...(hideLabel ? { 'aria-label': label } : {})}
    >
      {!hideLabel && <Label className={styles.label ?? ''}>{label}</Label>}
      <AriaButton className={styles.trigger ?? ''}>
        {icon}
        <SelectValue className={styles.value ?? ''} />
        <ChevronDown size={18} aria-hidden />
      </AriaButton>
      <Popover className={styles.popover ?? ''}>
        <ListBox className={styles.list ?? ''} items={options}>
          {(option) => (
            <ListBoxItem id={option.id} textValue={option.label} className={styles.option ?? ''}>
              {option.label}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}
