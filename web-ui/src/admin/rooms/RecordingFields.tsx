/** Whether and how the meetings of a room are recorded. */
import { useTranslation } from 'react-i18next';
import type { RoomConfig } from '../../api/model';
import { Select } from '../../ui/Select';
import { Switch } from '../../ui/Switch';
import type { ConfigPartProps } from './ConfigFields';
import styles from './Room.module.css';

type Recording = NonNullable<RoomConfig['recording']>;

const LAYOUTS = ['grid', 'speaker', 'single-speaker'] as const;
const STARTS = ['when_first_participant_joins', 'when_second_participant_joins', 'when_moderator_joins'] as const;
/** Set value by value through the REST interface: kept, unless a preset takes its place. */
const OWN = 'own';
const SIZES = ['H264_720P_30', 'H264_720P_60', 'H264_1080P_30', 'H264_1080P_60'];

export function RecordingFields({ draft, onDraft, isDisabled }: ConfigPartProps) {
  const { t } = useTranslation();
  const { recording } = draft;
  if (!recording) return null;
  // What is encrypted end to end the box cannot record.
  const isEncrypted = draft.e2ee?.enabled ?? false;
  const set = (more: Partial<Recording>) => onDraft({ ...draft, recording: { ...recording, ...more } });
  const sizes = [...SIZES, ...SIZES.map((size) => `PORTRAIT_${size}`)];
  const { encoding = 'H264_720P_30' } = recording;
  const isOwn = typeof encoding !== 'string';
  const portrait = t('roomConfig.portrait');
  return (
    <fieldset className={styles.group}>
      <Switch
        label={t('roomConfig.recording')}
        description={t('roomConfig.recordingText')}
        isSelected={recording.enabled && !isEncrypted}
        isDisabled={isDisabled || isEncrypted}
        onChange={(enabled) => set({ enabled })}
      />
      {recording.enabled && !isEncrypted && (
        <div className={styles.fields}>
          <Select
            label={t('roomConfig.layout')}
            options={LAYOUTS.map((id) => ({ id, label: t(`roomConfig.layouts.${id}`) }))}
            value={recording.layout ?? 'grid'}
            isDisabled={isDisabled}
            onChange={(layout: NonNullable<Recording['layout']>) => set({ layout })}
          />
          <Select
            label={t('roomConfig.encoding')}
            options={[
              ...sizes.map((id) => ({ id, label: sizeText(id, portrait) })),
              ...(isOwn ? [{ id: OWN, label: t('roomConfig.ownEncoding') }] : []),
            ]}
            value={isOwn ? OWN : encoding}
            isDisabled={isDisabled}
            onChange={(next) => next !== OWN && set({ encoding: next })}
          />
          <Select
            label={t('roomConfig.autoStart')}
            options={(['never', ...STARTS] as const).map((id) => ({ id, label: t(`roomConfig.autoStarts.${id}`) }))}
            value={recording.autoStart ?? 'never'}
            isDisabled={isDisabled}
            onChange={(id) => set({ autoStart: id === 'never' ? null : id })}
          />
        </div>
      )}
    </fieldset>
  );
}

/** `PORTRAIT_H264_720P_30` → `720p, 30 fps, upright`. */
export function sizeText(preset: string, portrait: string): string {
  const [, height = '', rate = ''] = /(\d+)P_(\d+)$/.exec(preset) ?? [];
  const size = `${height}p, ${rate} fps`;
  return preset.startsWith('PORTRAIT') ? `${size}, ${portrait}` : size;
}
