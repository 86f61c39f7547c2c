/** A choice of two or three that is seen whole. */
import { ToggleButton, ToggleButtonGroup } from 'react-aria-components';
import styles from './Segmented.module.css';

export interface SegmentedProps<K extends string> {
  label: string;
  options: readonly { id: K; label: string }[];
  value: K;
  onChange: (id: K) => void;
}

export function Segmented<K extends string>({ label, options, value, onChange }: SegmentedProps<K>) {
  return (
    <ToggleButtonGroup
      aria-label={label}
      className={styles.group ?? ''}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value]}
      onSelectionChange={(keys) => {
        const [first] = keys;
        if (first !== undefined) onChange(first as K);
      }}
    >
      {options.map((option) => (
        <ToggleButton key={option.id} id={option.id} className={styles.option ?? ''}>
          {option.label}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
