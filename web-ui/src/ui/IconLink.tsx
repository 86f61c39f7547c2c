/** A link with an icon only; its label is spoken and shown as a tooltip. */
import type { ReactNode } from 'react';
import { Link as AriaLink, Tooltip, TooltipTrigger } from 'react-aria-components';
import styles from './Button.module.css';
import { classes } from './classes';

export interface IconLinkProps {
  label: string;
  icon: ReactNode;
  href: string;
  download?: boolean;
  target?: '_blank';
}

export function IconLink({ label, icon, ...props }: IconLinkProps) {
  return (
    <TooltipTrigger delay={400} closeDelay={0}>
      <AriaLink {...props} aria-label={label} className={classes(styles.button, styles.quiet, styles.icon)}>
        {icon}
      </AriaLink>
      <Tooltip className={styles.tooltip ?? ''} offset={6}>
        {label}
      </Tooltip>
    </TooltipTrigger>
  );
}
