/** A member's deviations from the permissions of their role (features M2). */
import type { Permission } from './can';

export type Set = Partial<Record<Permission, boolean>>;

/** What a member may, from role and deviations. */
export function isGiven(permission: Permission, role: Set, custom: Set): boolean {
  return custom[permission] ?? role[permission] ?? false;
}

/** The deviations after a switch was moved: what is as in the role is none. */
export function withSwitch(permission: Permission, on: boolean, role: Set, custom: Set): Set {
  return forRole(role, { ...custom, [permission]: on });
}

/** The deviations that still say something in another role. */
export function forRole(role: Set, custom: Set): Set {
  const kept = Object.entries(custom).filter(([key, on]) => (role[key as Permission] ?? false) !== on);
  return Object.fromEntries(kept);
}
