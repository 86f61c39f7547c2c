/** The parts of a page, each with an address of its own. */
import { NavLink } from 'react-router';
import styles from './List.module.css';

export interface TabsProps {
  label: string;
  tabs: readonly { to: string; label: string }[];
}

export function Tabs({ label, tabs }: TabsProps) {
  return (
    <nav className={styles.tabs} aria-label={label}>
      {tabs.map((tab) => (
        <NavLink key={tab.to} to={tab.to} end>
          {tab.label}
        </NavLink>
      ))}
    </nav>
  );
}
