import { describe, expect, it } from 'vitest';
import { createsRooms, managesRoom, managesUser, readsMembers, seesBox } from './console';

const admin = { userId: 'boss', role: 'admin' } as const;
const user = { userId: 'robin', role: 'user' } as const;
const auditor = { userId: 'audit', role: 'security_admin' } as const;
const member = { userId: 'guest', role: 'room_member' } as const;

describe('what the console offers', () => {
  it('is everything to an admin, but not to delete oneself or the root admin', () => {
    expect(seesBox(admin)).toBe(true);
    expect(managesRoom(admin, { owner: 'robin' })).toBe(true);
    expect(managesUser(admin, 'robin')).toBe(true);
    expect(managesUser(admin, 'boss')).toBe(false);
    expect(managesUser(admin, 'admin')).toBe(false);
  });

  it('is their own rooms to a user', () => {
    expect(createsRooms(user)).toBe(true);
    expect(managesRoom(user, { owner: 'robin' })).toBe(true);
    expect(managesRoom(user, { owner: 'boss' })).toBe(false);
    expect(seesBox(user)).toBe(false);
  });

  it('changes nothing for a security admin, even in a room that bears their name', () => {
    expect(seesBox(auditor)).toBe(true);
    expect(managesRoom(auditor, { owner: 'audit' })).toBe(false);
    expect(readsMembers(auditor, { owner: 'boss' })).toBe(true);
    expect(managesUser(auditor, 'robin')).toBe(false);
  });

  it('makes no rooms for a room member, and nothing while it is not known who is there', () => {
    expect(createsRooms(member)).toBe(false);
    expect(managesUser(undefined, 'robin')).toBe(false);
    expect(seesBox(undefined)).toBe(false);
  });
});
