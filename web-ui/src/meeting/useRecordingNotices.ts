/** Tells everyone when a recording starts and ends, and why it ended. */
import { RoomEvent, type Room } from 'livekit-client';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { lastRecording } from '../api/recordings';
import { endInMetadata, recordingEnd, type RecordingEnd } from '../lib/recordingEnd';
import { showToast } from '../ui/toastStore';
import type { Member } from './useMemberToken';

/** The end is seen before its reason is written down. */
const REASON_AFTER_MS = [600, 2000];
/** News of the recording takes the place of older news. */
export const RECORDING = { topic: 'recording' };

export function useRecordingNotices(room: Room, roomId: string, member: Member, recording: boolean): void {
  const { t } = useTranslation();
  const before = useRef<boolean>(undefined);
  const asker = useRef(member);
  useEffect(() => {
    asker.current = member;
  });
  const metadataAtStart = useRef<string>(undefined);
  useEffect(() => {
    const known = before.current;
    before.current = recording;
    if (recording) metadataAtStart.current = room.metadata;
    if (recording && known !== true) {
      showToast(t(known === undefined ? 'recording.joinedNotice' : 'recording.startedNotice'), 'info', RECORDING);
    }
    if (recording || known !== true) return;
    const stop = new AbortController();
    const tell = (end: RecordingEnd | undefined) => {
      if (stop.signal.aborted) return;
      if (!end || end === 'stopped') showToast(t('recording.stoppedNotice'), 'info', RECORDING);
      else showToast(t(`recording.ended.${end}`), 'bad', RECORDING);
    };
    void findReason(room, metadataAtStart.current, () => askBox(roomId, asker.current), stop.signal).then(tell);
    return () => stop.abort();
  }, [recording, room, roomId, t]);
}

/** First what the room says to all, then what the box says to those who may see its recordings. */
async function findReason(
  room: Room,
  metadataAtStart: string | undefined,
  ask: () => Promise<RecordingEnd | undefined>,
  stop: AbortSignal,
): Promise<RecordingEnd | undefined> {
  let known: RecordingEnd | undefined;
  for (const delay of REASON_AFTER_MS) {
    await roomChangeOr(delay, room, stop);
    // A reason that was there before this recording is that of an earlier one.
    known = room.metadata === metadataAtStart ? undefined : endInMetadata(room.metadata);
    known ??= await ask().catch(() => undefined);
    if (known || stop.aborted) break;
  }
  return known;
}

async function askBox(roomId: string, member: Member): Promise<RecordingEnd | undefined> {
  if (!member.can('canRetrieveRecordings')) return 'stopped';
  return recordingEnd(await lastRecording(roomId, member.token));
}

function roomChangeOr(ms: number, room: Room, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      room.off(RoomEvent.RoomMetadataChanged, done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    room.on(RoomEvent.RoomMetadataChanged, done);
    stop.addEventListener('abort', done, { once: true });
  });
}
