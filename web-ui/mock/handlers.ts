/** Answers of the fake box, typed by the same contract as the pages. */
import { delay, http, HttpResponse } from 'msw';
import type { BoxStatus, Recording } from '../src/api/model';
import { box, panel, recordings, room, ROOM_ID, SECRETS, status } from './data';
import { fail } from './fail';
import { peopleHandlers } from './people';
import { webhookHandlers } from './webhooks';

const API = '*/api/v1';
const listeners = new Set<(event: string, data: unknown) => void>();

const text = (value: unknown) => (typeof value === 'string' ? value : '');

async function body(request: Request): Promise<Record<string, unknown>> {
  return ((await request.json().catch(() => ({}))) ?? {}) as Record<string, unknown>;
}

function announce(): void {
  for (const listener of listeners) listener('status', status);
}

export function setRecording(state: BoxStatus['recording']['state'], more: Partial<BoxStatus['recording']> = {}): void {
  status.recording = { state, ...more };
  status.leds = { ...status.leds, tally: state === 'recording' ? 'on' : state === 'off' ? 'off' : 'blink' };
  panel.leds = status.leds;
  announce();
  for (const listener of listeners) listener('leds', status.leds);
  globalThis.dispatchEvent(new CustomEvent('mock-recording', { detail: state === 'recording' }));
}

function startNow(): Recording {
  const made: Recording = {
    recordingId: `${ROOM_ID}--EG_new${recordings.length}--1`,
    roomId: ROOM_ID,
    roomName: room.roomName,
    status: 'starting',
    startDate: Date.now(),
  };
  recordings.unshift(made);
  setRecording('starting', { recordingId: made.recordingId });
  setTimeout(() => {
    made.status = 'active';
    setRecording('recording', { recordingId: made.recordingId, startDate: made.startDate ?? null });
  }, 900);
  return made;
}

function stopNow(): void {
  const running = recordings.find((one) => one.status === 'active');
  if (!running) return;
  running.status = 'ending';
  setRecording('stopping', { recordingId: running.recordingId });
  setTimeout(() => {
    const seconds = Math.max(1, Math.round((Date.now() - (running.startDate ?? Date.now())) / 1000));
    Object.assign(running, { status: 'complete', endDate: Date.now(), duration: seconds, size: seconds * 260_000 });
    setRecording('off');
  }, 900);
}

function stream(first: string, data: unknown): Response {
  const encode = new TextEncoder();
  let listener: ((event: string, value: unknown) => void) | undefined;
  const source = new ReadableStream<Uint8Array>({
    start(controller) {
      listener = (event, value) => {
        try {
          controller.enqueue(encode.encode(`event: ${event}\ndata: ${JSON.stringify(value)}\n\n`));
        } catch {
          if (listener) listeners.delete(listener);
        }
      };
      listeners.add(listener);
      listener(first, data);
    },
    cancel() {
      if (listener) listeners.delete(listener);
    },
  });
  return new HttpResponse(source, { headers: { 'Content-Type': 'text/event-stream' } });
}

const ALL = [
  'canRecord canRetrieveRecordings canDeleteRecordings canJoinMeeting canShareAccessLinks canMakeModerator',
  'canKickParticipants canEndMeeting canPublishVideo canPublishAudio canShareScreen canReadChat canWriteChat',
  'canChangeVirtualBackground',
]
  .join(' ')
  .split(' ');
const SPEAKER = ['canRetrieveRecordings', 'canJoinMeeting', 'canPublishVideo', 'canPublishAudio'].concat([
  'canShareScreen',
  'canReadChat',
  'canWriteChat',
]);

function token(badge: string, name: string): string {
  const allowed = badge === 'other' ? SPEAKER : ALL;
  const permissions = Object.fromEntries(ALL.map((one) => [one, allowed.includes(one)]));
  const metadata = JSON.stringify({ roomId: ROOM_ID, permissions, badge });
  const claims = { name, metadata, exp: Math.floor(Date.now() / 1000) + 7200 };
  return `x.${btoa(unescape(encodeURIComponent(JSON.stringify(claims))))}.x`;
}

function listRecordings(query: URLSearchParams) {
  const search = (query.get('roomName') ?? '').toLowerCase();
  const field = (query.get('sortField') ?? 'startDate') as 'startDate' | 'duration' | 'size' | 'roomName';
  const sign = query.get('sortOrder') === 'asc' ? 1 : -1;
  const start = Number(query.get('nextPageToken') ?? 0);
  const most = Number(query.get('maxItems') ?? 10);
  const found = recordings
    .filter((one) => one.roomName.toLowerCase().includes(search))
    .filter((one) => !query.get('roomId') || one.roomId === query.get('roomId'))
    .sort((a, b) => sign * String(a[field] ?? '').localeCompare(String(b[field] ?? ''), undefined, { numeric: true }));
  const more = found.length > start + most;
  const pagination = { isTruncated: more, maxItems: most, ...(more ? { nextPageToken: String(start + most) } : {}) };
  return { recordings: found.slice(start, start + most), pagination };
}

export const handlers = [
  ...peopleHandlers,
  ...webhookHandlers,
  http.get(`${API}/info`, () =>
    HttpResponse.json({ service: 'huddlebox', version: box.version, mode: box.mode, panel: true }),
  ),
  http.post(`${API}/auth/login`, async ({ request }) => {
    await delay(300);
    const { userId, password } = await body(request);
    if (password === 'later') return fail(429, 'login_wait', 'Too many login attempts, please try again later');
    if (userId === 'newuser') return HttpResponse.json({ accessToken: 'temporary', mustChangePassword: true });
    // Other roles: the user name is the password.
    if (userId !== password) return fail(401, 'login_failed', 'Invalid user ID or password');
    return HttpResponse.json({ accessToken: `access-${text(userId)}`, refreshToken: 'refresh' });
  }),
  http.post(`${API}/auth/logout`, () => HttpResponse.json({ message: 'Logout successful' })),
  http.post(`${API}/users/change-password`, async ({ request }) => {
    const { currentPassword } = await body(request);
    if (currentPassword !== 'admin') return fail(400, 'wrong_password', 'Invalid current password');
    return HttpResponse.json({ message: 'ok', accessToken: 'access', refreshToken: 'refresh' });
  }),
  http.get(`${API}/box`, () => HttpResponse.json(box)),
  http.get(`${API}/box/status`, () => HttpResponse.json(status)),
  http.get(`${API}/box/events`, () => stream('status', status)),
  http.put(`${API}/box/room`, async ({ request }) => {
    Object.assign(status.room, await body(request));
    announce();
    return HttpResponse.json({ micMuted: status.room.micMuted, cameraOff: status.room.cameraOff });
  }),
  http.post(`${API}/box/room/hang-up`, () => {
    status.room.state = 'standby';
    announce();
    return new HttpResponse(null, { status: 202 });
  }),
  http.post(`${API}/rooms/:roomId/members/token`, async ({ params, request }) => {
    const { secret, participantName, joinMeeting } = await body(request);
    if (params['roomId'] === 'gone') return fail(404, 'room_not_found', "Room 'gone' does not exist");
    if (params['roomId'] === 'closed' && joinMeeting) return fail(409, 'room_closed', "Room 'closed' is closed");
    if (!secret) return fail(401, 'unauthorized', 'Unauthorized');
    if (secret === SECRETS.full && joinMeeting) return fail(409, 'room_full', 'The meeting is full');
    if (!Object.values(SECRETS).includes(text(secret))) return fail(400, 'bad_secret', 'Secret is not recognized');
    const badge = secret === SECRETS.moderator ? 'moderator' : 'other';
    return HttpResponse.json({ token: token(badge, text(participantName)) });
  }),
  http.post(`${API}/rooms/:roomId/members/token/refresh`, ({ request }) =>
    HttpResponse.json({ token: (request.headers.get('X-Room-Member-Token') ?? '').replace('Bearer ', '') }),
  ),
  http.get(`${API}/recordings`, async ({ request }) => {
    await delay(150);
    return HttpResponse.json(listRecordings(new URL(request.url).searchParams));
  }),
  http.post(`${API}/recordings`, () => HttpResponse.json(startNow(), { status: 201 })),
  http.delete(`${API}/recordings`, ({ request }) => {
    const ids = (new URL(request.url).searchParams.get('recordingIds') ?? '').split(',');
    for (const id of ids) {
      const at = recordings.findIndex((one) => one.recordingId === id);
      if (at >= 0) recordings.splice(at, 1);
    }
    return HttpResponse.json({ message: 'All recordings deleted successfully', deleted: ids, failed: [] });
  }),
  http.get(`${API}/recordings/:id`, ({ params }) => {
    const found = recordings.find((one) => one.recordingId === params['id']);
    return found ? HttpResponse.json(found) : fail(404, 'recording_not_found', 'not found');
  }),
  http.get(`${API}/recordings/:id/thumbnail`, () => new HttpResponse(null, { status: 404 })),
  http.get(`${API}/recordings/:id/media`, () => new HttpResponse(null, { status: 404 })),
  http.post(`${API}/recordings/:id/stop`, ({ params }) => {
    stopNow();
    return HttpResponse.json(
      recordings.find((one) => one.recordingId === params['id']),
      { status: 202 },
    );
  }),
  http.get(`${API}/panel`, () => HttpResponse.json(panel)),
  http.get(`${API}/panel/events`, () => stream('leds', panel.leds)),
  http.get(`${API}/panel/tv.png`, async () => HttpResponse.arrayBuffer(await tvPicture(), { headers: PNG })),
  http.post(`${API}/panel/buttons/:id`, async ({ params, request }) => {
    const { action } = await body(request);
    if (action !== 'up') {
      if (params['id'] === 'record') startNow();
      if (params['id'] === 'stop') stopNow();
    }
    if (params['id'] === 'mute' && action !== 'down') {
      status.room.micMuted = !status.room.micMuted;
      status.leds = { ...status.leds, mute: status.room.micMuted ? 'on' : 'off' };
      panel.leds = status.leds;
      announce();
      for (const listener of listeners) listener('leds', status.leds);
    }
    return new HttpResponse(null, { status: 202 });
  }),
  http.post(`${API}/panel/faults`, () => new HttpResponse(null, { status: 202 })),
];

const PNG = { 'Content-Type': 'image/png', 'Cache-Control': 'no-store' };

async function tvPicture(): Promise<ArrayBuffer> {
  const canvas = document.createElement('canvas');
  canvas.width = 640;
  canvas.height = 360;
  const context = canvas.getContext('2d');
  if (context) {
    context.fillStyle = '#10262b';
    context.fillRect(0, 0, 640, 360);
    context.fillStyle = '#fff';
    context.font = '600 40px sans-serif';
    context.fillText(room.roomName, 40, 90);
    context.font = '72px sans-serif';
    context.fillText(new Date().toLocaleTimeString(), 40, 200);
  }
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
  return (await blob?.arrayBuffer()) ?? new ArrayBuffer(0);
}
