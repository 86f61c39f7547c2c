/** Users, groups, rooms, members, keys and the audit log of the fake box. */
import { delay, http, HttpResponse } from 'msw';
import type { ApiKey, AuditEntry, Group, Role, Room, RoomMember, User } from '../src/api/model';
import { PERMISSIONS, type Permission } from '../src/lib/can';
import { room as home } from './data';
import { fail } from './fail';

const API = '*/api/v1';
const HOUR = 3_600_000;
const now = Date.now();

const NAMES: [string, string, Role][] = [
  ['admin', 'Administrator', 'admin'],
  ['robin', 'Robin Doe', 'user'],
  ['auditor', 'Sam Audit', 'security_admin'],
  ['member', 'Kim Member', 'room_member'],
  ['anna_s', 'Anna Schmidt', 'user'],
  ['jose_a', 'José Alvarez', 'user'],
  ['weizhang', 'Wei Zhang', 'room_member'],
  ['fatima', 'Fatima al-Sayed', 'user'],
  ['kateryna', 'Kateryna Bondarenko-Wolkowicz', 'room_member'],
  ['tom_b', 'Tom Brown', 'admin'],
  ['lindiwe', 'Lindiwe Nkosi', 'user'],
  ['yuki_m', 'Yuki Mori', 'user'],
];

const users: User[] = NAMES.map(([userId, name, role], index) => ({
  userId,
  name,
  role,
  registrationDate: now - (index + 1) * 70 * HOUR,
  mustChangePassword: index % 5 === 4,
  online: index % 3 === 0,
}));

const groups: Group[] = [
  { groupId: 'gr-1', name: 'IT support', operator: true, members: ['tom_b', 'yuki_m'], creationDate: now - 400 * HOUR },
  { groupId: 'gr-2', name: 'Sales', operator: false, members: ['anna_s'], creationDate: now - 90 * HOUR },
];

const apiKeys: ApiKey[] = [
  { keyId: 'key-1', name: 'Room calendar', prefix: 'hb-Qx3a', creationDate: now - 900 * HOUR },
  { keyId: 'key-2', name: 'Nightly export of recordings', prefix: 'hb-9fTz', creationDate: now - 30 * HOUR },
];

const ACTIONS = ['user.create', 'room.update', 'room.delete', 'session.login', 'recording.start', 'member.add'];
const audit: AuditEntry[] = Array.from({ length: 34 }, (_, index) => ({
  id: String(10_000 - index),
  at: now - index * 5 * HOUR,
  who: index % 4 === 0 ? 'box' : `user:${NAMES[index % NAMES.length]?.[0] ?? ''}`,
  ...(index % 4 === 0 ? {} : { address: `192.168.1.${20 + index}` }),
  action: ACTIONS[index % ACTIONS.length] ?? '',
  target: index % 2 === 0 ? 'board_room-k3f9a27hq0x41zt' : 'anna_s',
  detail: index % 3 === 0 ? 'name changed' : '',
}));

const all = (on: (permission: Permission) => boolean) => Object.fromEntries(PERMISSIONS.map((one) => [one, on(one)]));
const NOT_SPEAKER = /Record$|Delete|Share.*Links|Make|Kick|End/;
const roles = {
  moderator: { permissions: all(() => true) },
  speaker: { permissions: all((one) => !NOT_SPEAKER.test(one)) },
};
const config = {
  recording: { enabled: true, layout: 'grid' as const, encoding: 'H264_720P_30', autoStart: null },
  chat: { enabled: true },
  guests: { chat: true, audio: true, video: true },
  maxParticipants: null,
  maxDurationMinutes: null,
  initialAudioActive: true,
  initialVideoActive: true,
};

const ROOM_NAMES = ['Training', 'Sales and marketing weekly', 'Interviews', 'Works council', 'Night shift', 'Café'];
const rooms: Room[] = [
  Object.assign(home, { config: { ...config, ...home.config }, roles }),
  ...ROOM_NAMES.map((roomName, index) => makeRoom(roomName, index % 2 ? 'robin' : 'admin', index)),
];

function makeRoom(roomName: string, owner: string, index: number): Room {
  const roomId = `${roomName.toLowerCase().replace(/\W+/g, '_')}-mock${index}`;
  const url = `${location.origin}/room/${roomId}`;
  const link = (secret: string, path = '') => ({ enabled: true, url: `${url}${path}?secret=${secret}` });
  return {
    roomId,
    roomName,
    owner,
    creationDate: now - index * 31 * HOUR,
    status: index === 2 ? 'closed' : 'open',
    ...(index === 1 ? { autoDeletionDate: now + 50 * HOUR } : {}),
    access: {
      anonymous: { moderator: link('m'), speaker: link('s'), recording: link('r', '/recordings') },
      user: { enabled: false, url },
    },
    config,
    roles,
  };
}

const members: RoomMember[] = [
  member('anna_s', 'Anna Schmidt', 'moderator', 'user'),
  member('weizhang', 'Wei Zhang', 'speaker', 'user'),
  { ...member('ext-1', 'Dr. Olga Petrova', 'speaker', 'external'), customPermissions: { canRecord: true } },
];

function member(memberId: string, name: string, baseRole: RoomMember['baseRole'], type: RoomMember['type']) {
  const accessUrl = `${location.origin}/room/${home.roomId}${type === 'external' ? '?secret=own' : ''}`;
  return { memberId, roomId: home.roomId, type, name, membershipDate: now - 9 * HOUR, accessUrl, baseRole };
}

const queryOf = (request: Request) => new URL(request.url).searchParams;
const bodyOf = async (request: Request) => (await request.json()) as Record<string, unknown>;

function take<T>(from: T[], is: (one: T) => boolean): T | undefined {
  const at = from.findIndex(is);
  return at < 0 ? undefined : from.splice(at, 1)[0];
}

function paged<T extends object>(found: readonly T[], query: URLSearchParams) {
  const field = query.get('sortField') as keyof T | null;
  const sign = query.get('sortOrder') === 'asc' ? 1 : -1;
  const text = (one: T) => String((field ? one[field] : '') ?? '');
  const sorted = [...found].sort(
    (a, b) => sign * text(a).localeCompare(text(b), undefined, { numeric: true, sensitivity: 'base' }),
  );
  const start = Number(query.get('nextPageToken') ?? 0);
  const most = Number(query.get('maxItems') ?? 10);
  const more = sorted.length > start + most;
  const pagination = { isTruncated: more, maxItems: most, ...(more ? { nextPageToken: String(start + most) } : {}) };
  return { items: sorted.slice(start, start + most), pagination };
}

function has(text: string, part: string | null): boolean {
  return text.toLowerCase().includes((part ?? '').toLowerCase());
}

/** The mock's tokens are `access-USER`; plain `access` is the administrator. */
function selfOf(request: Request): User | undefined {
  const token = request.headers.get('Authorization')?.replace(/^Bearer access-?/, '') ?? '';
  return users.find((user) => user.userId === (token || 'admin'));
}

const roomOf = (params: Record<string, unknown>) => rooms.find((one) => one.roomId === params['roomId']);

const tagged = (room: Room | undefined) =>
  room ? HttpResponse.json(room, { headers: { ETag: '"1"' } }) : fail(404, 'room_not_found', 'no such room');

function deleteRoom(roomId: string, query: URLSearchParams) {
  const room = rooms.find((one) => one.roomId === roomId);
  const running = room?.status === 'active_meeting';
  const recorded = running || roomId.includes('training');
  const undecided =
    (running && query.get('withMeeting') === 'fail') || (recorded && query.get('withRecordings') === 'fail');
  if (!room || undecided) {
    return fail(409, running ? 'room_with_recordings_has_active_meeting' : 'room_has_recordings', 'not yet');
  }
  if (recorded && query.get('withRecordings') === 'close') {
    room.status = 'closed';
    return HttpResponse.json({ successCode: 'room_closed', message: '' });
  }
  take(rooms, (one) => one === room);
  return HttpResponse.json({ successCode: 'room_deleted', message: '' });
}

export const peopleHandlers = [
  http.get(`${API}/users/me`, ({ request }) => {
    const self = selfOf(request);
    return self ? HttpResponse.json(self) : fail(401, 'unauthorized', 'Unauthorized');
  }),
  http.get(`${API}/users`, async ({ request }) => {
    await delay(100);
    const query = queryOf(request);
    const found = users
      .filter((one) => has(one.name, query.get('name')))
      .filter((one) => !query.get('role') || one.role === query.get('role'))
      .filter((one) => !query.get('online') || String(one.online) === query.get('online'));
    const { items, pagination } = paged(found, query);
    return HttpResponse.json({ users: items, pagination });
  }),
  http.post(`${API}/users`, async ({ request }) => {
    const body = (await bodyOf(request)) as unknown as User;
    if (users.some((one) => one.userId === body.userId)) return fail(409, 'user_exists', 'exists');
    const { userId, name, role } = body;
    const made: User = { userId, name, role, registrationDate: Date.now(), mustChangePassword: true, online: false };
    users.push(made);
    return HttpResponse.json(made, { status: 201 });
  }),
  http.delete(`${API}/users/:userId`, ({ params }) => {
    take(users, (one) => one.userId === params['userId']);
    return HttpResponse.json({ message: 'ok' });
  }),
  http.get(`${API}/users/:userId`, ({ params }) => {
    const user = users.find((one) => one.userId === params['userId']);
    return user ? HttpResponse.json(user) : fail(404, 'user_not_found', 'no such user');
  }),
  http.patch(`${API}/users/:userId`, async ({ params, request }) => {
    const user = users.find((one) => one.userId === params['userId']);
    return HttpResponse.json(Object.assign(user ?? {}, await bodyOf(request)));
  }),
  http.put(`${API}/users/:userId/password`, () => HttpResponse.json({ message: 'ok' })),
  http.put(`${API}/users/:userId/role`, async ({ params, request }) => {
    const user = users.find((one) => one.userId === params['userId']);
    return HttpResponse.json(Object.assign(user ?? {}, await bodyOf(request)));
  }),
  http.get(`${API}/groups`, ({ request }) => {
    const { items, pagination } = paged(groups, queryOf(request));
    return HttpResponse.json({ groups: items, pagination });
  }),
  http.post(`${API}/groups`, async ({ request }) => {
    const made = { groupId: `gr-${groups.length + 9}`, creationDate: Date.now(), ...(await bodyOf(request)) } as Group;
    groups.push(made);
    return HttpResponse.json(made, { status: 201 });
  }),
  http.get(`${API}/groups/:id`, ({ params }) => {
    const group = groups.find((one) => one.groupId === params['id']);
    return group ? HttpResponse.json(group) : fail(404, 'group_not_found', 'no such group');
  }),
  http.patch(`${API}/groups/:id`, async ({ params, request }) => {
    const group = groups.find((one) => one.groupId === params['id']);
    return HttpResponse.json(Object.assign(group ?? {}, await bodyOf(request)));
  }),
  http.delete(`${API}/groups/:id`, ({ params }) => {
    take(groups, (one) => one.groupId === params['id']);
    return HttpResponse.json({ message: 'ok' });
  }),
  http.get(`${API}/api-keys`, () => HttpResponse.json(apiKeys)),
  http.post(`${API}/api-keys`, async ({ request }) => {
    const { name } = (await bodyOf(request)) as { name: string };
    const made = { keyId: `key-${apiKeys.length + 9}`, name, prefix: 'hb-Xy7k', creationDate: Date.now() };
    apiKeys.push(made);
    return HttpResponse.json({ ...made, key: `hb-Xy7k${'x3Fq'.repeat(9)}` }, { status: 201 });
  }),
  http.get(`${API}/api-keys/:id`, ({ params }) => {
    const key = apiKeys.find((one) => one.keyId === params['id']);
    return key ? HttpResponse.json(key) : fail(404, 'api_key_not_found', 'no such key');
  }),
  http.delete(`${API}/api-keys/:id`, ({ params }) => {
    take(apiKeys, (one) => one.keyId === params['id']);
    return HttpResponse.json({ message: 'ok' });
  }),
  http.get(`${API}/audit`, ({ request }) => {
    const query = queryOf(request);
    const found = audit
      .filter((one) => has(JSON.stringify(one), query.get('text')))
      .filter((one) => one.at >= Number(query.get('from') ?? 0) && one.at < Number(query.get('to') ?? Infinity));
    const { items, pagination } = paged(found, query);
    return HttpResponse.json({ entries: items, pagination });
  }),
  http.get(`${API}/rooms`, async ({ request }) => {
    await delay(100);
    const query = queryOf(request);
    const self = selfOf(request);
    const found = rooms
      .filter((one) => self?.role === 'admin' || self?.role === 'security_admin' || one.owner === self?.userId)
      .filter((one) => has(one.roomName, query.get('roomName')))
      .filter((one) => !query.get('owner') || one.owner === query.get('owner'))
      .filter((one) => !query.get('status') || one.status === query.get('status'));
    const { items, pagination } = paged(found, query);
    return HttpResponse.json({ rooms: items, pagination });
  }),
  http.post(`${API}/rooms`, async ({ request }) => {
    const { roomName } = (await bodyOf(request)) as { roomName: string };
    const made = makeRoom(roomName, selfOf(request)?.userId ?? 'admin', 0);
    rooms.push(Object.assign(made, { roomId: `${made.roomId}${rooms.length}`, creationDate: Date.now() }));
    return HttpResponse.json(made, { status: 201 });
  }),
  http.delete(`${API}/rooms/:roomId`, ({ params, request }) => deleteRoom(String(params['roomId']), queryOf(request))),
  http.get(`${API}/rooms/:roomId`, ({ params }) =>
    params['roomId'] === 'closed' ? HttpResponse.json({ ...home, status: 'closed' }) : tagged(roomOf(params)),
  ),
  http.patch(`${API}/rooms/:roomId`, async ({ params, request }) => {
    const { autoDeletionDate, ...rest } = (await bodyOf(request)) as Partial<Room>;
    const room = Object.assign(roomOf(params) ?? {}, rest, { autoDeletionDate: autoDeletionDate ?? undefined });
    return HttpResponse.json(room);
  }),
  ...(['config', 'roles'] as const).map((part) =>
    http.put(`${API}/rooms/:roomId/${part}`, async ({ params, request }) => {
      Object.assign(roomOf(params) ?? {}, await bodyOf(request));
      return HttpResponse.json({});
    }),
  ),
  http.put(`${API}/rooms/:roomId/access`, async ({ params, request }) => {
    const { access: patch } = (await bodyOf(request)) as { access: Room['access'] };
    const { access } = roomOf(params) ?? {};
    if (access?.user && patch?.user) access.user.enabled = patch.user.enabled;
    for (const [name, link] of Object.entries(patch?.anonymous ?? {})) {
      Object.assign(access?.anonymous?.[name as 'speaker'] ?? {}, link);
    }
    return HttpResponse.json(access ?? {});
  }),
  http.post(`${API}/rooms/:roomId/access/anonymous/:link/regenerate`, ({ params }) => {
    const access = roomOf(params)?.access;
    const link = access?.anonymous?.[params['link'] as 'speaker'];
    if (link?.url) link.url = `${link.url}x`;
    return HttpResponse.json(access ?? {});
  }),
  http.put(`${API}/rooms/:roomId/status`, async ({ params, request }) =>
    HttpResponse.json(Object.assign(roomOf(params) ?? {}, await bodyOf(request))),
  ),
  http.get(`${API}/rooms/:roomId/members`, ({ params, request }) => {
    const query = queryOf(request);
    const found = members
      .filter((one) => one.roomId === params['roomId'] && has(one.name, query.get('name')))
      .filter((one) => !query.get('baseRole') || one.baseRole === query.get('baseRole'));
    const { items, pagination } = paged(found, query);
    return HttpResponse.json({ members: items, pagination });
  }),
  http.post(`${API}/rooms/:roomId/members`, async ({ params, request }) => {
    const { userId, name, baseRole } = (await bodyOf(request)) as unknown as User & RoomMember;
    const id = userId || `ext-${members.length}`;
    if (members.some((one) => one.memberId === id)) return fail(409, 'member_exists', 'already');
    const known = users.find((user) => user.userId === userId)?.name ?? name;
    const made = { ...member(id, known, baseRole, userId ? 'user' : 'external'), roomId: String(params['roomId']) };
    members.push(made);
    return HttpResponse.json(made, { status: 201 });
  }),
  http.get(`${API}/rooms/:roomId/members/:id`, ({ params }) => {
    const found = members.find((one) => one.memberId === params['id']);
    return found ? HttpResponse.json(found) : fail(404, 'member_not_found', 'no such member');
  }),
  http.patch(`${API}/rooms/:roomId/members/:id`, async ({ params, request }) => {
    const found = members.find((one) => one.memberId === params['id']);
    return HttpResponse.json(Object.assign(found ?? {}, await bodyOf(request)));
  }),
  http.delete(`${API}/rooms/:roomId/members/:id`, ({ params }) => {
    take(members, (one) => one.memberId === params['id']);
    return HttpResponse.json({ message: 'ok' });
  }),
  http.delete(`${API}/meetings/:roomId`, ({ params }) => {
    const room = roomOf(params);
    if (room) room.status = 'open';
    return HttpResponse.json({ message: 'ok' });
  }),
  http.get(`${API}/meetings/:roomId/removed`, () =>
    HttpResponse.json([{ participantIdentity: 'loud', participantName: 'Loud Guest' }]),
  ),
  http.delete(`${API}/meetings/:roomId/removed/:id`, () => HttpResponse.json({ message: 'ok' })),
  http.put(`${API}/meetings/:roomId/participants/media`, () => HttpResponse.json({ message: 'ok' })),
  http.delete(`${API}/meetings/:roomId/participants/:id`, () => HttpResponse.json({ message: 'ok' })),
  http.put(`${API}/meetings/:roomId/participants/:id/media`, () => HttpResponse.json({ message: 'ok' })),
  http.put(`${API}/meetings/:roomId/participants/:id/role`, () => HttpResponse.json({ message: 'ok' })),
];
