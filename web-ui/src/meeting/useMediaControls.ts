/** Microphone, camera and screen of this participant. */
import { useLocalParticipant, useLocalParticipantPermissions } from '@livekit/components-react';
import { RoomEvent, Track, type Participant, type Room, type TrackPublication } from 'livekit-client';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { recall, remember } from '../lib/storage';
import { showToast } from '../ui/Toasts';
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
  useMutedByOthers(room);
  const local = useLocalParticipant({ room });
  const me = local.localParticipant;
  const may = useMayPublish();
  const failed = (device: 'camera' | 'microphone') => (error: unknown) => {
    const problem = mediaProblem(error);
    const words = { device: t(`join.media.${device}`) };
    showToast(t(`join.media.${problem}`, words), 'bad');
  };
  const microphone = useSwitch(local.isMicrophoneEnabled, async (on) => {
    remember('micOn', on ? 'yes' : 'no');
    await me.setMicrophoneEnabled(on).catch(failed('microphone'));
  });
  const camera = useSwitch(local.isCameraEnabled, async (on) => {
    remember('camOn', on ? 'yes' : 'no');
    await me.setCameraEnabled(on).catch(failed('camera'));
  });
  const screen = useSwitch(local.isScreenShareEnabled, async (on) => {
    await me.setScreenShareEnabled(on, { audio: true, contentHint: 'detail' }).catch((error: unknown) => {
      // Closing the browser's picker is a choice, not a failure.
      if (!(error instanceof Error && error.name === 'NotAllowedError')) showToast(t('meeting.shareFailed'), 'bad');
    });
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

/** Says so when the box mutes this participant; `micOn` still holds what the user wanted. */
function useMutedByOthers(room: Room): void {
  const { t } = useTranslation();
  useEffect(() => {
    const onMuted = (publication: TrackPublication, participant: Participant) => {
      const own = participant.isLocal && publication.source === Track.Source.Microphone;
      if (!own || recall('micOn') === 'no') return;
      remember('micOn', 'no');
      showToast(t('meeting.mutedByModerator'));
    };
    room.on(RoomEvent.TrackMuted, onMuted);
    return () => {
      room.off(RoomEvent.TrackMuted, onMuted);
    };
  }, [room, t]);
}

function useSwitch(on: boolean, set: (on: boolean) => Promise<void>) {
  const [pending, setPending] = useState(false);
  const toggle = () => {
    if (pending) return;
    setPending(true);
    void set(!on).finally(() => setPending(false));
  };
  return { on, pending, toggle };
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
