/** From the join page into the meeting, out of it, and back. */
import {
  RoomEvent,
  Track,
  type DisconnectReason,
  type LocalAudioTrack,
  type LocalVideoTrack,
  type Room,
} from 'livekit-client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { signalUrl } from '../lib/links';
import { recall, remember } from '../lib/storage';
import { dismissAllToasts } from '../ui/toastStore';
import { createChat, type Chat } from './chat';
import { connectRoom } from './connect';
import { createRoom } from './createRoom';
import { leaveReason, wantsRejoin, type LeaveReason } from './disconnect';
import type { Problem } from '../app/roomProblem';
import { problemOf } from './problem';
import { takeSeat } from './seat';

/** What the user wants to enter with. Tracks are used once; on rejoining devices are opened again. */
export interface Entry {
  name: string;
  audio: boolean;
  video: boolean;
  tracks?: (LocalAudioTrack | LocalVideoTrack)[];
  /** Leaves another meeting for this one. */
  force?: boolean;
}

export type JoinState =
  | { stage: 'lobby'; problem?: Problem }
  /** `again`: after having been in the meeting, so without the join page. */
  | { stage: 'joining'; again: boolean }
  | { stage: 'meeting'; room: Room; chat: Chat; token: string; mediaProblem: boolean }
  | {
      stage: 'left';
      reason: LeaveReason;
      /** How often coming back failed so far; absent when the page does not try by itself. */
      attempt?: number;
      problem?: Problem;
    };

export interface Join {
  state: JoinState;
  join: (entry: Entry) => void;
  leave: () => void;
  rejoin: (force?: boolean) => void;
}

/** After an end nobody wanted: tries again after so many ms, the last one over and over. */
const REJOIN_AFTER_MS = [1000, 2000, 4000, 5000, 5000, 10_000];
/** About ten minutes; then it is left to the button. */
const MOST_REJOINS = 60;

export function useJoin(roomId: string, secret: string | undefined): Join {
  const [state, setState] = useState<JoinState>({ stage: 'lobby' });
  const entry = useRef<Entry>({ name: '', audio: false, video: false });
  const active = useRef<Room>(undefined);
  const gone = useRef(false);

  const running = useRef<Promise<void>>(undefined);

  const enter = useCallback((): Promise<void> => {
    const open = async () => {
      const wanted = entry.current;
      const { room, chat, token } = await openMeeting(roomId, secret, wanted, (reason) => {
        // What was news in the meeting is none on the page after it.
        dismissAllToasts();
        active.current = undefined;
        entry.current = asLeft(entry.current);
        const why = leaveReason(reason);
        setState({ stage: 'left', reason: why, ...(wantsRejoin(why) ? { attempt: 0 } : {}) });
      });
      if (gone.current) {
        wanted.tracks?.forEach((track) => track.stop());
        void room.disconnect();
        return;
      }
      active.current = room;
      entry.current = { ...wanted, tracks: [], force: false };
      setState({ stage: 'meeting', room, chat, token, mediaProblem: false });
      // A question of the browser, or a slow device, keeps nobody out of the meeting.
      if (await startMedia(room, wanted)) return;
      setState((old) => (old.stage === 'meeting' && old.room === room ? { ...old, mediaProblem: true } : old));
    };
    // One at a time: a press of the button during an attempt of its own makes no second seat.
    running.current ??= open().finally(() => (running.current = undefined));
    return running.current;
  }, [roomId, secret]);

  const join = useCallback(
    (wanted: Entry) => {
      entry.current = wanted;
      remember('micOn', wanted.audio ? 'yes' : 'no');
      remember('camOn', wanted.video ? 'yes' : 'no');
      setState({ stage: 'joining', again: false });
      enter().catch((error: unknown) => {
        // The join page, if it is still there, has its tracks back.
        if (gone.current) wanted.tracks?.forEach((track) => track.stop());
        setState({ stage: 'lobby', problem: problemOf(error) });
      });
    },
    [enter],
  );

  const reason = state.stage === 'left' ? state.reason : 'network';
  const rejoin = useCallback(
    (force = false) => {
      entry.current = { ...entry.current, force };
      setState({ stage: 'joining', again: true });
      enter().catch((error: unknown) => setState({ stage: 'left', reason, problem: problemOf(error) }));
    },
    [enter, reason],
  );

  const leave = useCallback(() => void active.current?.disconnect(), []);

  const attempt = state.stage === 'left' ? state.attempt : undefined;
  useEffect(() => {
    if (attempt === undefined) return;
    const timer = setTimeout(
      () => {
        enter().catch((error: unknown) => setState((old) => afterFailedRejoin(old, problemOf(error))));
      },
      REJOIN_AFTER_MS[Math.min(attempt, REJOIN_AFTER_MS.length - 1)],
    );
    return () => clearTimeout(timer);
  }, [attempt, enter]);

  // Leaving the page leaves the meeting.
  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
      void active.current?.disconnect();
    };
  }, []);

  return { state, join, leave, rejoin };
}

/** Microphone and camera as they were last switched: who was muted comes back muted. */
function asLeft(entry: Entry): Entry {
  const now = (key: string, before: boolean) => (recall(key) === undefined ? before : recall(key) === 'yes');
  return { name: entry.name, audio: now('micOn', entry.audio), video: now('camOn', entry.video) };
}

/** Tries again while the box is away; a refusal, or too many tries, leaves it to the button. */
function afterFailedRejoin(old: JoinState, problem: Problem): JoinState {
  if (old.stage !== 'left') return old;
  const next = (old.attempt ?? 0) + 1;
  const again = ['unreachable', 'media', 'other'].includes(problem.kind) && next < MOST_REJOINS;
  return again ? { stage: 'left', reason: old.reason, attempt: next } : { stage: 'left', reason: old.reason, problem };
}

async function openMeeting(
  roomId: string,
  secret: string | undefined,
  entry: Entry,
  onEnd: (reason: DisconnectReason | undefined) => void,
): Promise<{ room: Room; chat: Chat; token: string }> {
  const token = await takeSeat({ roomId, secret, participantName: entry.name, force: entry.force });
  const room = createRoom();
  const chat = createChat(room);
  try {
    await connectRoom(room, signalUrl(location.origin), token);
  } catch (error) {
    void room.disconnect();
    throw error;
  }
  room.once(RoomEvent.Disconnected, onEnd);
  return { room, chat, token };
}

/** False when a camera or microphone that was wanted could not be used. Never ends the meeting. */
async function startMedia(room: Room, entry: Entry): Promise<boolean> {
  const me = room.localParticipant;
  const ready = entry.tracks ?? [];
  const has = (kind: Track.Kind) => ready.some((track) => track.kind === kind);
  const jobs: Promise<unknown>[] = ready.map((track) => me.publishTrack(track));
  // The preview may not have had its device yet, and on rejoining there is no preview.
  if (entry.audio && !has(Track.Kind.Audio)) jobs.push(me.setMicrophoneEnabled(true));
  if (entry.video && !has(Track.Kind.Video)) jobs.push(me.setCameraEnabled(true));
  const results = await Promise.allSettled(jobs);
  return results.every(({ status }) => status === 'fulfilled');
}
