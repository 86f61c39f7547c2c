/** Microphone, camera and screen of this participant. */
import { useLocalParticipant, useLocalParticipantPermissions } from '@livekit/components-react';
import {
  RoomEvent,
  Track,
  type LocalParticipant,
  type Participant,
  type Room,
  type TrackPublication,
} from 'livekit-client';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { recall, remember } from '../lib/storage';
import { dismissToast, showToast } from '../ui/toastStore';
import { mediaProblem } from './mediaProblem';
import type { Member } from './useMemberToken';

export interface MediaControl {
  allowed: boolean;
  on: boolean;
  pending: boolean;
  toggle: () => void;
}

export interface MediaControls {
  microphone: MediaControl;
  camera: MediaControl;
  screen: MediaControl;
}

export function useMediaControls(room: Room, member: Member): MediaControls {
  const { t } = useTranslation();
  useOffByOthers(room, MICROPHONE);
  useOffByOthers(room, CAMERA);
  const local = useLocalParticipant({ room });
  const me = local.localParticipant;
  const may = useMayPublish();
  const words = (device: 'camera' | 'microphone') => (error: unknown) =>
    t(`join.media.${mediaProblem(error)}`, { device: t(`join.media.${device}`) });
  const microphone = useSwitch(local.isMicrophoneEnabled, words('microphone'), async (on) => {
    remember('micOn', on ? 'yes' : 'no');
    await me.setMicrophoneEnabled(on);
  });
  const camera = useSwitch(local.isCameraEnabled, words('camera'), async (on) => {
    remember('camOn', on ? 'yes' : 'no');
    await me.setCameraEnabled(on);
  });
  const shareFailed = (error: unknown) => (isChoice(error) ? undefined : t('meeting.shareFailed'));
  const screen = useSwitch(local.isScreenShareEnabled, shareFailed, async (on) => {
    await me.setScreenShareEnabled(on, { audio: true, contentHint: 'detail' });
  });
  return {
    microphone: { ...microphone, allowed: member.can('canPublishAudio') && may(Track.Source.Microphone) },
    camera: { ...camera, allowed: member.can('canPublishVideo') && may(Track.Source.Camera) },
    screen: {
      ...screen,
      allowed: member.can('canShareScreen') && may(Track.Source.ScreenShare) && canCaptureScreen(),
    },
  };
}

/** What a moderator can switch off: where it is remembered what the user wanted, and what is said and offered then. */
const MICROPHONE = {
  source: Track.Source.Microphone,
  wish: 'micOn',
  said: 'meeting.mutedByModerator',
  again: 'meeting.unmute',
  failed: 'meeting.micFailed',
  on: (me: LocalParticipant) => me.setMicrophoneEnabled(true),
} as const;
const CAMERA = {
  source: Track.Source.Camera,
  wish: 'camOn',
  said: 'meeting.cameraOffByModerator',
  again: 'meeting.cameraOn',
  failed: 'meeting.camFailed',
  on: (me: LocalParticipant) => me.setCameraEnabled(true),
} as const;

/** Says so when the box switches `device` off, until it is on again; its `wish` still holds what the user wanted. */
function useOffByOthers(room: Room, device: typeof MICROPHONE | typeof CAMERA): void {
  const { t } = useTranslation();
  useEffect(() => {
    let shown: number | undefined;
    const own = (publication: TrackPublication, participant: Participant) =>
      participant.isLocal && publication.source === device.source;
    const switchOn = () => {
      remember(device.wish, 'yes');
      device.on(room.localParticipant).catch(() => showToast(t(device.failed), 'bad'));
    };
    const onMuted = (publication: TrackPublication, participant: Participant) => {
      if (!own(publication, participant) || recall(device.wish) === 'no') return;
      remember(device.wish, 'no');
      shown = showToast(t(device.said), 'info', { action: { label: t(device.again), onAction: switchOn } });
    };
    const onUnmuted = (publication: TrackPublication, participant: Participant) => {
      if (own(publication, participant)) dismissToast(shown);
    };
    room.on(RoomEvent.TrackMuted, onMuted);
    room.on(RoomEvent.TrackUnmuted, onUnmuted);
    return () => {
      dismissToast(shown);
      room.off(RoomEvent.TrackMuted, onMuted);
      room.off(RoomEvent.TrackUnmuted, onUnmuted);
    };
  }, [room, device, t]);
}

/** `words` turns a failure into what is shown, or into nothing. */
function useSwitch(on: boolean, words: (error: unknown) => string | undefined, set: (on: boolean) => Promise<void>) {
  const [pending, setPending] = useState(false);
  const failure = useRef<number>(undefined);
  // What was said not to start runs: a lost connection had only broken off the wait for it.
  useEffect(() => {
    if (on) dismissToast(failure.current);
  }, [on]);
  const change = async () => {
    setPending(true);
    dismissToast(failure.current);
    try {
      await set(!on);
    } catch (error) {
      const text = words(error);
      if (text) failure.current = showToast(text, 'bad');
    }
    setPending(false);
  };
  return { on, pending, toggle: () => void (pending || change()) };
}

/** Closing the browser's picker is a choice, not a failure; a system that forbids sharing is one. */
function isChoice(error: unknown): boolean {
  return error instanceof Error && error.name === 'NotAllowedError' && !/system/i.test(error.message);
}

/** What the SFU lets this participant send now; unknown permissions forbid nothing. */
function useMayPublish(): (source: Track.Source) => boolean {
  const permissions = useLocalParticipantPermissions();
  return (source) => {
    if (!permissions) return true;
    const { canPublish, canPublishSources: sources } = permissions;
    return canPublish && (sources.length === 0 || sources.some((one) => NUMBERS[source] === Number(one)));
  };
}

/** LiveKit's `TrackSource` numbers. */
const NUMBERS: Record<Track.Source, number> = {
  [Track.Source.Unknown]: 0,
  [Track.Source.Camera]: 1,
  [Track.Source.Microphone]: 2,
  [Track.Source.ScreenShare]: 3,
  [Track.Source.ScreenShareAudio]: 4,
};

/** Phones cannot share their screen. */
function canCaptureScreen(): boolean {
  const media = navigator.mediaDevices as MediaDevices | undefined;
  return media !== undefined && 'getDisplayMedia' in media;
}
