/** Camera and microphone before joining. Tracks are handed over to the meeting, or stopped. */
import {
  createLocalAudioTrack,
  createLocalVideoTrack,
  VideoPresets,
  type LocalAudioTrack,
  type LocalVideoTrack,
} from 'livekit-client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { recall, remember } from '../lib/storage';
import { device } from './createRoom';
import { mediaProblem, type MediaProblem } from './mediaProblem';

type LocalMedia = LocalAudioTrack | LocalVideoTrack;

export interface Preview<T extends LocalMedia> {
  track: T | undefined;
  /** Wanted by the user; `track` follows as soon as the device gives one. */
  on: boolean;
  problem: MediaProblem | undefined;
  setOn: (on: boolean) => void;
  /** Another device was chosen. */
  switchTo: (deviceId: string) => void;
  /** Gives the track away: it is no longer stopped here, unless it is taken back. */
  take: () => T | undefined;
  takeBack: () => void;
}

export function useVideoPreview(allowed: boolean, initially: boolean): Preview<LocalVideoTrack> {
  return usePreview('cam', allowed, initially, createVideo);
}

export function useAudioPreview(allowed: boolean, initially: boolean): Preview<LocalAudioTrack> {
  return usePreview('mic', allowed, initially, createAudio);
}

function createVideo(): Promise<LocalVideoTrack> {
  return createLocalVideoTrack({ ...device('cam'), resolution: VideoPresets.h720.resolution });
}

function createAudio(): Promise<LocalAudioTrack> {
  return createLocalAudioTrack(device('mic'));
}

function usePreview<T extends LocalMedia>(
  which: 'mic' | 'cam',
  allowed: boolean,
  initially: boolean,
  create: () => Promise<T>,
): Preview<T> {
  const [on, setOnState] = useState(() => initially && recall(`${which}On`) !== 'no');
  const [track, setTrack] = useState<T>();
  const [problem, setProblem] = useState<MediaProblem>();
  const taken = useRef<T>(undefined);
  const wanted = allowed && on;

  useEffect(() => {
    if (!wanted) return;
    let made: T | undefined;
    let current = true;
    const start = async () => {
      try {
        made = await create();
        if (current) {
          setProblem(undefined);
          setTrack(made);
        } else made.stop();
      } catch (error) {
        if (!current) return;
        setProblem(mediaProblem(error));
        setOnState(false);
      }
    };
    void start();
    return () => {
      current = false;
      setTrack(undefined);
      if (made && taken.current !== made) made.stop();
    };
  }, [wanted, create]);

  const setOn = useCallback(
    (next: boolean) => {
      remember(`${which}On`, next ? 'yes' : 'no');
      setProblem(undefined);
      setOnState(next);
    },
    [which],
  );
  const switchTo = useCallback(
    (deviceId: string) => {
      setProblem(undefined);
      track?.setDeviceId(deviceId).catch((error: unknown) => setProblem(mediaProblem(error)));
    },
    [track],
  );
  const take = useCallback(() => (taken.current = track), [track]);
  const takeBack = useCallback(() => (taken.current = undefined), []);
  return { track, on: wanted, problem, setOn, switchTo, take, takeBack };
}
