/** Which pages and buttons of the console are for whom. The box decides by itself; this only spares refusals. */

type Role = 'admin' | 'user' | 'room_member' | 'security_admin';

export interface Self {
  userId: string;
  role: Role;
}

/** The root administrator's id, which nobody deletes or demotes. */
export const ROOT = 'admin';

/** Sees how the box is, all users and the audit log. */
export function seesBox(self: Self | undefined): boolean {
  return self?.role === 'admin' || self?.role === 'security_admin';
}

export function isAdmin(self: Self | undefined): boolean {
  return self?.role === 'admin';
}

export function createsRooms(self: Self | undefined): boolean {
  return self?.role === 'admin' || self?.role === 'user';
}

/** Gets into the room by the login alone. Who only looks does so where every user may. */
export function joinsRoom(self: Self | undefined, room: { access?: { user?: { enabled: boolean } } }): boolean {
  return self !== undefined && (self.role !== 'security_admin' || room.access?.user?.enabled === true);
}

/** Changes and deletes this room and its members. */
export function managesRoom(self: Self | undefined, room: { owner: string }): boolean {
  if (!self || self.role === 'security_admin') return false;
  return self.role === 'admin' || room.owner === self.userId;
}

/** Some recordings at least: which ones is the box's to say. */
export function deletesRecordings(self: Self | undefined): boolean {
  return self !== undefined && self.role !== 'security_admin';
}

/** Sees who is a member of this room. */
export function readsMembers(self: Self | undefined, room: { owner: string }): boolean {
  return managesRoom(self, room) || self?.role === 'security_admin';
}

/** Deletes, demotes or resets this user: never oneself, and never the root administrator. */
export function managesUser(self: Self | undefined, userId: string): boolean {
  return self?.role === 'admin' && userId !== self.userId && userId !== ROOT;
}

/** Whether rooms of theirs must find another owner in this role. */
export function ownsNoRooms(role: Role): boolean {
  return role === 'room_member' || role === 'security_admin';
}
