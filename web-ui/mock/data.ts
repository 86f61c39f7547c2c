/** What the fake box knows. Changes as the pages press its buttons. */
import type { Box, BoxStatus, Panel, Recording, Room } from '../src/api/model';

export const ROOM_ID = 'board_room-k3f9a27hq0x41zt';
export const SECRETS = { moderator: 'mod0123456', speaker: 'spk0123456', closed: 'closed', full: 'full' };
const origin = location.origin;
const HOUR = 3_600_000;
const now = Date.now();

export const box: Box = {
  name: 'Huddlebox',
  version: '0.1.0',
  mode: 'demo',
  panel: true,
  homeRoom: {
    roomId: ROOM_ID,
    roomName: 'Board room',
    moderatorUrl: `${origin}/room/${ROOM_ID}?secret=${SECRETS.moderator}`,
    speakerUrl: `${origin}/room/${ROOM_ID}?secret=${SECRETS.speaker}`,
    lanUrls: [`https://192.168.1.20:8443/room/${ROOM_ID}?secret=${SECRETS.speaker}`],
  },
};

export const room: Room = {
  roomId: ROOM_ID,
  roomName: 'Board room',
  owner: 'admin',
  creationDate: now - 30 * 24 * HOUR,
  status: 'active_meeting',
  access: {
    anonymous: {
      moderator: { enabled: true, url: box.homeRoom.moderatorUrl },
      speaker: { enabled: true, url: box.homeRoom.speakerUrl },
      recording: { enabled: true, url: `${origin}/room/${ROOM_ID}/recordings?secret=rec` },
    },
    user: { enabled: false, url: `${origin}/room/${ROOM_ID}` },
  },
  config: { recording: { enabled: true }, chat: { enabled: true } },
};

export const status: BoxStatus = {
  meeting: {
    active: true,
    startDate: now - 12 * 60_000,
    participants: [
      person('room', 'Board room', { kind: 'room', videoActive: true, audioActive: true }),
      person('anna', 'Anna Schmidt', { role: 'moderator', videoActive: true, audioActive: true }),
      person('jose', 'José Alvarez', { videoActive: true, quality: 'good', screenShareActive: true }),
      person('wei', 'Wei Zhang', { quality: 'poor' }),
    ],
  },
  recording: { state: 'off' },
  room: { state: 'joined', micMuted: false, cameraOff: false },
  devices: [
    { device: 'camera', state: 'running' },
    { device: 'microphone', state: 'running' },
    { device: 'speaker', state: 'running' },
    { device: 'display', state: 'restarting', message: 'The TV was unplugged. Waiting for it to come back.' },
  ],
  leds: { tally: 'off', mute: 'off', status: 'on' },
  disk: {
    totalBytes: 128_000_000_000,
    freeBytes: 81_300_000_000,
    reserveBytes: 4_000_000_000,
    recordingsBytes: 31_400_000_000,
  },
};

export const panel: Panel = {
  buttons: [
    { id: 'record', label: 'Record' },
    { id: 'stop', label: 'Stop' },
    { id: 'mute', label: 'Mute' },
    { id: 'hang-up', label: 'Hang up' },
  ],
  leds: status.leds,
};

const NAMES = ['Board room', 'Board room', 'Training', 'Sales and marketing weekly', 'Board room', 'Interviews'];

export const recordings: Recording[] = Array.from({ length: 23 }, (_, index) => {
  const duration = 65 + index * 431;
  const roomName = NAMES[index % NAMES.length] ?? 'Board room';
  const start = now - (index + 1) * 19 * HOUR;
  const last = index === 7 ? 'failed' : index === 4 ? 'limit_reached' : 'complete';
  return {
    recordingId: `${ROOM_ID}--EG_mock${index}--${1000 + index}`,
    roomId: index % NAMES.length < 2 ? ROOM_ID : `other-${index}`,
    roomName,
    status: last,
    layout: 'grid',
    filename: `recording-${index}.mp4`,
    startDate: start,
    endDate: start + duration * 1000,
    duration,
    size: duration * 260_000,
    ...(last === 'failed' ? { error: 'The encoder stopped unexpectedly.' } : {}),
  };
});

function person(identity: string, name: string, more: Partial<BoxStatus['meeting']['participants'][number]>) {
  return {
    identity,
    name,
    kind: 'standard' as const,
    role: 'speaker',
    joinDate: now - 10 * 60_000,
    audioActive: false,
    videoActive: false,
    screenShareActive: false,
    quality: 'excellent' as const,
    ...more,
  };
}
