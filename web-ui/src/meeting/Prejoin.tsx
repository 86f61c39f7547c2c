/** The join page: who you are, how you look, and a big button. */
import { Clapperboard, Disc } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { RoomVisit } from '../api/visit';
import { Logo } from '../app/Logo';
import { nameProblem } from '../app/nameProblem';
import { paths } from '../app/paths';
import { useTitle } from '../app/useTitle';
import { readMembership } from '../lib/can';
import { hasFinePointer } from '../lib/pointer';
import { recall, remember } from '../lib/storage';
import { Button } from '../ui/Button';
import { Form, FormTextField } from '../ui/Form';
import { Pill } from '../ui/Surface';
import { DeviceSelect } from './DeviceSelect';
import styles from './Prejoin.module.css';
import { DeviceProblems, PreviewBox } from './PreviewBox';
import type { Problem } from '../app/roomProblem';
import { ProblemBanner } from './ProblemBanner';
import type { Entry } from './useJoin';
import { useAudioPreview, useVideoPreview } from './usePreview';
import { useRunningRecording } from './useRunningRecording';

export interface PrejoinProps {
  visit: RoomVisit;
  secret: string | undefined;
  joining: boolean;
  problem: Problem | undefined;
  onJoin: (entry: Entry) => void;
}

export function Prejoin({ visit, secret, joining, problem, onJoin }: PrejoinProps) {
  const { t } = useTranslation();
  const { room, token, known } = visit;
  const [membership] = useState(() => readMembership(token));
  const video = useVideoPreview(membership.can('canPublishVideo'), room.config?.initialVideoActive ?? true);
  const audio = useAudioPreview(membership.can('canPublishAudio'), room.config?.initialAudioActive ?? true);
  const recording = useRunningRecording(room.roomId, token, membership.can('canRetrieveRecordings'));
  const [name, setName] = useState(known?.name ?? recall('name') ?? '');
  useTitle(t('join.title', { room: room.roomName }));

  const { takeBack: takeVideoBack } = video;
  const { takeBack: takeAudioBack } = audio;
  useEffect(() => {
    // Joining did not work: the preview goes on.
    if (joining) return;
    takeVideoBack();
    takeAudioBack();
  }, [joining, takeVideoBack, takeAudioBack]);

  const submit = (chosen: string, force = false) => {
    if (joining) return;
    remember('name', chosen);
    const tracks = [audio.take(), video.take()].filter((track) => track !== undefined);
    onJoin({ name: chosen, audio: audio.on, video: video.on, tracks, force });
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
          <DeviceProblems video={video} audio={audio} />
        </div>
        <div className={styles.right}>
          <div className={styles.room}>
            <h1>
              <bdi>{room.roomName}</bdi>
            </h1>
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
            fixed={known?.isFixed ?? false}
            joining={joining}
            onName={setName}
            onSubmit={(chosen) => submit(chosen)}
          />
          {problem && <ProblemBanner problem={problem} onForce={() => submit(name, true)} />}
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
    <Form onSubmit={handleSubmit((values) => onSubmit(values.name.trim()))} isPending={joining}>
      <FormTextField
        control={control}
        name="name"
        label={t('join.name')}
        autoComplete="name"
        isDisabled={fixed}
        autoFocus={!fixed && hasFinePointer()}
        rules={{
          validate: (value) => nameProblem(value, t('join.nameMissing'), t),
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
