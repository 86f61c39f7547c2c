/** A menu behind a button. */
import type { ReactNode } from 'react';
import {
  Header,
  Menu as AriaMenu,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Popover,
  Separator,
} from 'react-aria-components';
import styles from './Field.module.css';

export interface MenuEntry {
  id: string;
  label: string;
  icon?: ReactNode;
  onAction?: () => void;
  danger?: boolean;
}

export interface MenuGroup {
  title?: string;
  entries: MenuEntry[];
  /** With it the group is a choice of one. */
  selected?: string;
  onSelect?: (id: string) => void;
}

export interface MenuProps {
  label: string;
  /** The button; must be a wrapper from `src/ui` so that it can be pressed. */
  trigger: ReactNode;
  groups: MenuGroup[];
  /** Above, for what stands at the bottom of the screen. */
  placement?: 'top' | 'bottom end';
}

export function Menu({ label, trigger, groups, placement = 'top' }: MenuProps) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover className={styles.popover ?? ''} placement={placement}>
        <AriaMenu aria-label={label} className={styles.list ?? ''}>
          {groups.flatMap((group, index) => [
            ...(index > 0 ? [<Separator key={`line-${index}`} className={styles.separator ?? ''} />] : []),
            <Group key={group.title ?? index} group={group} label={label} />,
          ])}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}

function Group({ group, label }: { group: MenuGroup; label: string }) {
  const choice = group.onSelect
    ? {
        selectionMode: 'single' as const,
        disallowEmptySelection: true,
        selectedKeys: group.selected === undefined ? [] : [group.selected],
        onSelectionChange: (keys: 'all' | Set<string | number>) => {
          const [first] = keys === 'all' ? [] : keys;
          if (first !== undefined) group.onSelect?.(String(first));
        },
      }
    : {};
  return (
    <MenuSection aria-label={group.title ?? label} {...choice}>
      {group.title && <Header className={styles.sectionTitle ?? ''}>{group.title}</Header>}
      {group.entries.map((entry) => (
        <MenuItem
          key={entry.id}
          id={entry.id}
          textValue={entry.label}
          className={styles.option ?? ''}
          {...(entry.onAction ? { onAction: entry.onAction } : {})}
          {...(entry.danger ? { 'data-danger': true } : {})}
        >
          {entry.icon}
          {entry.label}
        </MenuItem>
      ))}
    </MenuSection>
  );
}
