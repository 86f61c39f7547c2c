/** Takes the place of `src/meeting/connect.ts`: a meeting without a server, with simulated people. */
import {
  ConnectionState,
  RoomEvent,
  Track,
  type Participant,
  type RemoteTrackPublication,
  type Room,
} from 'livekit-client';

const NAMES = ['Board room', 'Anna Schmidt', 'José Alvarez', 'Wei Zhang', 'Fatima al-Sayed', 'Tom', 'Kateryna Bondar'];
const BADGES = ['other', 'moderator', 'other', 'owner'];

export async function connectRoom(room: Room): Promise<void> {
  const count = Number(new URLSearchParams(location.search).get('people') ?? 4);
  // Browsers let nobody construct one, and the simulation only passes it on.
  Object.assign(globalThis, { RTCRtpReceiver: Object });
  await room.simulateParticipants({
    publish: { audio: true, video: false, useRealTracks: true },
    participants: { count: count + 1, audio: true, video: true, aspectRatios: [1.77, 1.33] },
  });
  const me = room.localParticipant;
  rename(me, 'Robin Doe', { badge: 'other' });
  Object.assign(me, {
    publishTrack: () => Promise.resolve(undefined),
    setMicrophoneEnabled: () => Promise.resolve(undefined),
    setCameraEnabled: () => Promise.resolve(undefined),
    sendText: (text: string, options: { onProgress?: (done: number) => void }) => {
      options.onProgress?.(1);
      return Promise.resolve({ id: String(Date.now()), timestamp: Date.now(), text });
    },
  });
  [...room.remoteParticipants.values()].forEach((participant, index) => {
    const name = NAMES[index] ?? `Participant ${index}`;
    rename(participant, name, { badge: BADGES[index % BADGES.length] });
    if (index === 0) participant.identity = 'room';
  });
  globalThis.addEventListener('mock-recording', (event) => {
    const recording = (event as CustomEvent<boolean>).detail;
    Object.defineProperty(room, 'isRecording', { value: recording, configurable: true });
    room.emit(RoomEvent.RecordingStatusChanged, recording);
  });
  Object.assign(globalThis, { mockMeeting: controls(room) });
}

/** For screenshots: put the meeting into states that need a network otherwise. */
function controls(room: Room) {
  return {
    room,
    speak: (index: number) => {
      const participant = [...room.remoteParticipants.values()][index];
      if (!participant) return;
      participant.setIsSpeaking(true);
      room.emit(RoomEvent.ActiveSpeakersChanged, [participant]);
    },
    /** What was this person's camera is their screen. */
    share: (index: number) => {
      const participant = [...room.remoteParticipants.values()][index];
      const picture = participant?.getTrackPublication(Track.Source.Camera);
      if (!participant || !picture) return;
      picture.source = Track.Source.ScreenShare;
      room.emit(RoomEvent.TrackPublished, picture as RemoteTrackPublication, participant);
    },
    reconnecting: (on: boolean) => {
      const state = on ? ConnectionState.Reconnecting : ConnectionState.Connected;
      room.state = state;
      room.emit(RoomEvent.ConnectionStateChanged, state);
      room.emit(on ? RoomEvent.Reconnecting : RoomEvent.Reconnected);
    },
    end: (reason: number) => room.emit(RoomEvent.Disconnected, reason),
  };
}

function rename(participant: Participant, name: string, metadata: unknown): void {
  Object.assign(participant, { name, metadata: JSON.stringify(metadata) });
}
