/** How one looks and sounds before joining, with the switches for it, and why a device does not work. */
import type { LocalAudioTrack, LocalVideoTrack } from 'livekit-client';
import { Camera, CameraOff, Mic, MicOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Avatar } from '../ui/Avatar';
import { LevelMeter } from '../ui/Meter';
import { Banner } from '../ui/Surface';
import type { MediaProblem } from './mediaProblem';
import { MediaSwitch } from './MediaSwitch';
import styles from './Prejoin.module.css';
import { useAudioLevel } from './useAudioLevel';
import { useNarrow } from './useNarrow';
import type { Preview } from './usePreview';
import { VideoView } from './VideoView';

export interface PreviewBoxProps {
  name: string;
  video: Preview<LocalVideoTrack>;
  audio: Preview<LocalAudioTrack>;
  canVideo: boolean;
  canAudio: boolean;
}

export function PreviewBox({ name, video, audio, canVideo, canAudio }: PreviewBoxProps) {
  const { t } = useTranslation();
  const level = useAudioLevel(audio.track);
  const narrow = useNarrow();
  return (
    <section className={styles.preview} aria-label={t('join.preview')}>
      {video.track ? (
        <VideoView track={video.track} mirrored />
      ) : (
        <div className={styles.off}>
          <Avatar name={name} kind="standard" size={narrow ? 48 : 72} />
          {canVideo ? t('join.camIsOff') : t('join.noCamRight')}
        </div>
      )}
      {audio.track && (
        <div className={styles.level}>
          <LevelMeter label={t('join.level')} level={level} />
        </div>
      )}
      <div className={styles.switches}>
        {canAudio && (
          <MediaSwitch
            on={audio.on}
            label={t(audio.on ? 'meeting.mute' : 'meeting.unmute')}
            icon={audio.on ? <Mic size={22} aria-hidden /> : <MicOff size={22} aria-hidden />}
            onPress={() => audio.setOn(!audio.on)}
          />
        )}
        {canVideo && (
          <MediaSwitch
            on={video.on}
            label={t(video.on ? 'meeting.cameraOff' : 'meeting.cameraOn')}
            icon={video.on ? <Camera size={22} aria-hidden /> : <CameraOff size={22} aria-hidden />}
            onPress={() => video.setOn(!video.on)}
          />
        )}
      </div>
    </section>
  );
}

/** Waits for both devices: what is said once stays as it is. */
export function DeviceProblems({ video, audio }: { video: Preview<LocalVideoTrack>; audio: Preview<LocalAudioTrack> }) {
  const { t } = useTranslation();
  const waiting = [video, audio].some(({ on, track }) => on && !track);
  const [camera, microphone] = [video.problem, audio.problem];
  if (waiting || (!camera && !microphone)) return null;
  const words = (problem: MediaProblem, device: string) => t(`join.media.${problem}`, { device });
  const names = { camera: t('join.media.camera'), microphone: t('join.media.microphone') };
  const text =
    camera && camera === microphone
      ? words(camera, t('join.media.both'))
      : [camera && words(camera, names.camera), microphone && words(microphone, names.microphone)]
          .filter(Boolean)
          .join(' ');
  return (
    <Banner tone="warn">
      {text} {t('join.without')}
    </Banner>
  );
}
