/** Every address of the web interface. */
export const paths = {
  login: '/login',
  changePasswordThen: (next: string) => `/change-password?next=${encodeURIComponent(next)}`,
  overview: '/',
  recordings: '/recordings',
  recordingsOf: (roomId: string) => `/recordings?roomId=${encodeURIComponent(roomId)}`,
  recording: (id: string) => `/recordings/${encodeURIComponent(id)}`,
  users: '/users',
  groups: '/users/groups',
  rooms: '/rooms',
  roomSettings: (roomId: string) => `/rooms/${encodeURIComponent(roomId)}`,
  roomAccess: (roomId: string) => `/rooms/${encodeURIComponent(roomId)}/access`,
  roomRoles: (roomId: string) => `/rooms/${encodeURIComponent(roomId)}/roles`,
  roomMembers: (roomId: string) => `/rooms/${encodeURIComponent(roomId)}/members`,
  apiKeys: '/keys',
  webhooks: '/keys/webhooks',
  webhook: (id: string) => `/keys/webhooks/${encodeURIComponent(id)}`,
  audit: '/audit',
  profile: '/profile',
  panel: '/panel',
  room: (roomId: string, secret?: string) => withSecret(`/room/${encodeURIComponent(roomId)}`, secret),
  roomRecordings: (roomId: string, secret?: string) =>
    withSecret(`/room/${encodeURIComponent(roomId)}/recordings`, secret),
  loginThen: (next: string) => `/login?next=${encodeURIComponent(next)}`,
};

function withSecret(path: string, secret: string | undefined): string {
  return secret ? `${path}?secret=${encodeURIComponent(secret)}` : path;
}
