/** The record button of the meeting. */
import { RoomEvent, type Room } from 'livekit-client';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { runningRecording, startRecording, stopRecording } from '../api/recordings';
import { recordingErrorText } from '../app/recordingErrorText';
import { parseObject } from '../lib/can';
import { showToast } from '../ui/toastStore';
import { RECORDING_UPDATED } from './signals';
import type { Outage } from './useOutage';
import { RECORDING, useRecordingNotices } from './useRecordingNotices';
import type { Rights } from './useRights';
import { useRoomValue } from './useRoomValue';

export type RecordingPhase = 'off' | 'starting' | 'recording' | 'stopping';

export interface RecordingControl {
  phase: RecordingPhase;
  start: () => void;
  stop: () => void;
}

/** The box must show the change within this time, else the button gives up waiting. */
const PATIENCE_MS = 25_000;

const EVENTS = [RoomEvent.RecordingStatusChanged, RoomEvent.ConnectionStateChanged];

export function useRecordingControl(room: Room, roomId: string, member: Rights, outage: Outage): RecordingControl {
  const { t } = useTranslation();
  const { token } = member;
  const now = useRoomValue(room, EVENTS, (one) => one.isRecording);
  const [recording, setRecording] = useState(now);
  // What the client believes during an outage is not news: the indicator stays.
  if (outage !== 'lost' && recording !== now) setRecording(now);
  const [pending, setPending] = useState<'starting' | 'stopping'>();
  const id = useRef<string>(undefined);
  useRecordingSignals(room, id);
  useRecordingNotices(room, roomId, member, recording);

  const settled = (pending === 'starting' && recording) || (pending === 'stopping' && !recording);
  if (settled) setPending(undefined);
  useEffect(() => {
    if (!pending) return;
    const timer = setTimeout(() => {
      setPending(undefined);
      if (pending === 'starting') showToast(t('recording.timeout'), 'bad', RECORDING);
    }, PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [pending, t]);

  const fail = (error: unknown) => {
    setPending(undefined);
    if (!member.refused(error)) showToast(recordingErrorText(error, t), 'bad', RECORDING);
  };
  const start = () => {
    setPending('starting');
    startRecording(roomId, token).then((made) => (id.current = made.recordingId), fail);
  };
  const stop = async () => {
    setPending('stopping');
    try {
      const running = id.current ?? (await runningRecording(roomId, token))?.recordingId;
      if (!running) throw new Error(t('recording.notFound'));
      await stopRecording(running, token);
      id.current = undefined;
    } catch (error) {
      // A stale id: the next try asks the box for the running one.
      id.current = undefined;
      fail(error);
    }
  };
  return { phase: pending ?? (recording ? 'recording' : 'off'), start, stop: () => void stop() };
}

/** Learns which recording runs when somebody else, or the button on the box, starts it. */
function useRecordingSignals(room: Room, id: { current: string | undefined }): void {
  useEffect(() => {
    const onData = (payload: Uint8Array, _: unknown, __: unknown, topic?: string) => {
      if (topic !== RECORDING_UPDATED) return;
      const { recording } = parseObject(new TextDecoder().decode(payload));
      const { recordingId, status } = (recording ?? {}) as { recordingId?: unknown; status?: unknown };
      if (typeof recordingId !== 'string') return;
      id.current = status === 'starting' || status === 'active' ? recordingId : undefined;
    };
    room.on(RoomEvent.DataReceived, onData);
    return () => {
      room.off(RoomEvent.DataReceived, onData);
    };
  }, [room, id]);
}
