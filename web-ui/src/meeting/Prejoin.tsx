/** The join page: who you are, how you look, and a big button. */
import { Camera, CameraOff, Clapperboard, Disc, Mic, MicOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { RoomVisit } from '../api/visit';
import { Logo } from '../app/Logo';
import { paths } from '../app/paths';
import { useTitle } from '../app/useTitle';
import { readMembership } from '../lib/can';
import { hasFinePointer } from '../lib/pointer';
import { recall, remember } from '../lib/storage';
import { Avatar } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { Form, FormTextField } from '../ui/Form';
import { LevelMeter } from '../ui/Meter';
import { Banner, Pill } from '../ui/Surface';
import { DeviceSelect } from './DeviceSelect';
import { MediaSwitch } from './MediaSwitch';
import type { MediaProblem } from './mediaProblem';
import styles from './Prejoin.module.css';
import type { Problem } from './problem';
import { useAudioLevel } from './useAudioLevel';
import type { Entry } from './useJoin';
import { useNarrow } from './useNarrow';
import { useAudioPreview, useVideoPreview, type Preview } from './usePreview';
import { useRunningRecording } from './useRunningRecording';
import { VideoView } from './VideoView';
import type { LocalAudioTrack, LocalVideoTrack } from 'livekit-client';

export interface PrejoinProps {
  visit: RoomVisit;
  secret: string | undefined;
  joining: boolean;
  problem: Problem | undefined;
  onJoin: (entry: Entry) => void;
}

export function Prejoin({ visit, secret, joining, problem, onJoin }: PrejoinProps) {
  const { t } = useTranslation();
  const { room, token } = visit;
  const [membership] = useState(() => readMembership(token));
  const video = useVideoPreview(membership.can('canPublishVideo'), room.config?.initialVideoActive ?? true);
  const audio = useAudioPreview(membership.can('canPublishAudio'), room.config?.initialAudioActive ?? true);
  const recording = useRunningRecording(room.roomId, token, membership.can('canRetrieveRecordings'));
  const [name, setName] = useState(membership.fixedName ?? recall('name') ?? '');
  useTitle(t('join.title', { room: room.roomName }));

  const { takeBack: takeVideoBack } = video;
  const { takeBack: takeAudioBack } = audio;
  useEffect(() => {
    // Joining did not work: the preview goes on.
    if (joining) return;
    takeVideoBack();
    takeAudioBack();
  }, [joining, takeVideoBack, takeAudioBack]);

  const submit = (chosen: string) => {
    if (joining) return;
    remember('name', chosen);
    const tracks = [audio.take(), video.take()].filter((track) => track !== undefined);
    onJoin({ name: chosen, audio: audio.on, video: video.on, tracks });
  };
  return (
    <div className={styles.page}>
      <header className={styles.top}>
        <Logo size={28} />
        {t('app.name')}
      </header>
      <main className={styles.main}>
        <div className={styles.left}>
          <PreviewBox
            name={name}
            video={video}
            audio={audio}
            canVideo={membership.can('canPublishVideo')}
            canAudio={membership.can('canPublishAudio')}
          />
          <div className={styles.devices}>
            <DeviceSelect which="cam" granted={video.track} onChange={video.switchTo} />
            <DeviceSelect which="mic" granted={audio.track} onChange={audio.switchTo} />
          </div>
          <Problems video={video} audio={audio} />
        </div>
        <div className={styles.right}>
          <div className={styles.room}>
            <h1>{room.roomName}</h1>
            {/* What is learnt later stands beside what is there: the form keeps its place. */}
            <div className={styles.pills}>
              {room.status === 'active_meeting' ? (
                <Pill tone="ok">{t('join.active')}</Pill>
              ) : (
                <Pill>{t('join.idle')}</Pill>
              )}
              <div role="status" className={styles.later}>
                {recording && (
                  <Pill tone="bad" icon={<Disc size={14} aria-hidden />}>
                    {t('recording.recording')}
                  </Pill>
                )}
              </div>
            </div>
          </div>
          <NameForm
            name={name}
            fixed={membership.fixedName !== undefined}
            joining={joining}
            onName={setName}
            onSubmit={submit}
          />
          {problem && (
            <Banner tone="bad">
              {t(`join.problem.${problem.kind}.title`)}.{' '}
              {t(`join.problem.${problem.kind}.text`, { message: problem.message })}
            </Banner>
          )}
          {membership.can('canRetrieveRecordings') && (
            <Link to={paths.roomRecordings(room.roomId, secret)} className={styles.link ?? ''}>
              <Clapperboard size={18} aria-hidden />
              {t('join.recordings')}
            </Link>
          )}
        </div>
      </main>
    </div>
  );
}

interface NameFormProps {
  name: string;
  fixed: boolean;
  joining: boolean;
  onName: (name: string) => void;
  onSubmit: (name: string) => void;
}

function NameForm({ name, fixed, joining, onName, onSubmit }: NameFormProps) {
  const { t } = useTranslation();
  const { control, handleSubmit } = useForm({ defaultValues: { name } });
  return (
    <Form onSubmit={handleSubmit((values) => onSubmit(values.name.trim()))}>
      <FormTextField
        control={control}
        name="name"
        label={t('join.name')}
        autoComplete="name"
        isDisabled={fixed}
        autoFocus={!fixed && hasFinePointer()}
        maxLength={50}
        rules={{
          validate: (value) => value.trim() !== '' || t('join.nameMissing'),
          maxLength: { value: 50, message: t('join.nameTooLong') },
          onChange: (event: { target: { value: string } }) => onName(event.target.value),
        }}
      />
      <Button
        type="submit"
        variant="primary"
        size="large"
        wide
        isPending={joining}
        autoFocus={fixed && hasFinePointer()}
      >
        {t('join.submit')}
      </Button>
    </Form>
  );
}

interface PreviewBoxProps {
  name: string;
  video: Preview<LocalVideoTrack>;
  audio: Preview<LocalAudioTrack>;
  canVideo: boolean;
  canAudio: boolean;
}

function PreviewBox({ name, video, audio, canVideo, canAudio }: PreviewBoxProps) {
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
function Problems({ video, audio }: { video: Preview<LocalVideoTrack>; audio: Preview<LocalAudioTrack> }) {
  const { t } = useTranslation();
  const waiting = [video, audio].some(({ on, track }) => on && !track);
  const [camera, microphone] = [video.problem, audio.problem];
  if (waiting || (!camera && !microphone)) return null;
  const words = (problem: MediaProblem, device: string) => t(`join.media.${problem}`, { device });
  const names = { camera: t('join.media.camera'), microphone: t('join.media.microphone') };
  const text =
    camera && camera === microphone
      ? words(camera, `${names.camera} / ${names.microphone}`)
      : [camera && words(camera, names.camera), microphone && words(microphone, names.microphone)]
          .filter(Boolean)
          .join(' ');
  return (
    <Banner tone="warn">
      {text} {t('join.without')}
    </Banner>
  );
}
