/** The record button of the meeting, and what everyone hears about the recording. */
import { useIsRecording } from '@livekit/components-react';
import { RoomEvent, type Room } from 'livekit-client';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { runningRecording, startRecording, stopRecording } from '../api/recordings';
import { recordingErrorText } from '../app/recordingErrorText';
import { parseObject } from '../lib/can';
import { showToast } from '../ui/Toasts';

export type RecordingPhase = 'off' | 'starting' | 'recording' | 'stopping';

export interface RecordingControl {
  phase: RecordingPhase;
  start: () => void;
  stop: () => void;
}

/** The box must show the change within this time, else the button gives up waiting. */
const PATIENCE_MS = 25_000;

export function useRecordingControl(room: Room, roomId: string, token: string): RecordingControl {
  const { t } = useTranslation();
  const recording = useIsRecording(room);
  const [pending, setPending] = useState<'starting' | 'stopping'>();
  const id = useRef<string>(undefined);
  useRecordingSignals(room, id);
  useRecordingNotices(recording);

  const settled = (pending === 'starting' && recording) || (pending === 'stopping' && !recording);
  if (settled) setPending(undefined);
  useEffect(() => {
    if (!pending) return;
    const timer = setTimeout(() => {
      setPending(undefined);
      if (pending === 'starting') showToast(t('recording.timeout'), 'bad');
    }, PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [pending, t]);

  const fail = (error: unknown) => {
    setPending(undefined);
    showToast(recordingErrorText(error, t), 'bad');
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
      if (topic !== 'meet_recording_updated') return;
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

function useRecordingNotices(recording: boolean): void {
  const { t } = useTranslation();
  const before = useRef<boolean>(undefined);
  useEffect(() => {
    const known = before.current;
    before.current = recording;
    if (known === undefined) {
      if (recording) showToast(t('recording.joinedNotice'));
    } else if (known !== recording) {
      showToast(t(recording ? 'recording.startedNotice' : 'recording.stoppedNotice'));
    }
  }, [recording, t]);
}
