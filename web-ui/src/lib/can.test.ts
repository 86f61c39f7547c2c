import { describe, expect, it } from 'vitest';
import { badgeOf, readMembership } from './can';

function token(claims: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(claims));
  const base64 = btoa(String.fromCharCode(...bytes));
  return `head.${base64.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')}.signature`;
}

describe('readMembership', () => {
  it('reads rights, badge, who it is, and the end', () => {
    const metadata = JSON.stringify({
      roomId: 'room-1',
      userId: 'anna1',
      badge: 'moderator',
      permissions: { canRecord: true, canWriteChat: false },
    });
    const member = readMembership(token({ name: 'Zoë ✓', exp: 10, metadata }));
    expect(member).toMatchObject({ roomId: 'room-1', badge: 'moderator', userId: 'anna1', expires: 10_000 });
    expect(member.can('canRecord')).toBe(true);
    expect(member.can('canWriteChat')).toBe(false);
    expect(member.can('canEndMeeting')).toBe(false);
  });

  it('knows nobody who came by a link alone', () => {
    const { userId, memberId } = readMembership(token({ name: 'x', metadata: '{"memberId":null}' }));
    expect([userId, memberId]).toEqual([undefined, undefined]);
  });

  it.each(['', 'a', 'a.b.c', 'a.!!!.c', token(null), token({ metadata: '[' }), token({ metadata: 'null' })])(
    'gives no right for %j',
    (broken) => {
      const member = readMembership(broken);
      expect(member.can('canJoinMeeting')).toBe(false);
      expect(member.badge).toBe('other');
    },
  );
});

it('knows no badge but the four', () => {
  expect(badgeOf('{"badge":"owner"}')).toBe('owner');
  expect(badgeOf('{"badge":"king"}')).toBe('other');
  expect(badgeOf(undefined)).toBe('other');
});
