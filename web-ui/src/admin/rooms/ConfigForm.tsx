/** What is possible in the meetings of a room (features R6). */
import { useTranslation } from 'react-i18next';
import { useChangeRoom } from '../../api/manageRooms';
import type { RoomConfig } from '../../api/model';
import { Form } from '../../ui/Form';
import { Card } from '../../ui/Surface';
import { Switch } from '../../ui/Switch';
import { TextField } from '../../ui/TextField';
import { showToast } from '../../ui/toastStore';
import { FixedNote } from './FixedNote';
import { RecordingFields } from './RecordingFields';
import styles from './Room.module.css';
import { SaveBar } from './SaveBar';
import { useDraft } from './useDraft';
import { useRoom } from './useRoom';

const MOST_PEOPLE = 1000;
const MOST_MINUTES = 1440;

export interface ConfigPartProps {
  draft: RoomConfig;
  onDraft: (draft: RoomConfig) => void;
  isDisabled: boolean;
}

export function ConfigForm({ config }: { config: RoomConfig }) {
  const { t } = useTranslation();
  const { room, etag, mayManage, isFixed } = useRoom();
  const change = useChangeRoom({ room, etag });
  const draft = useDraft(config);
  const { value, set } = draft;
  const part: ConfigPartProps = { draft: value, onDraft: set, isDisabled: !mayManage || isFixed };
  const wrong = !fits(value.maxParticipants, MOST_PEOPLE) || !fits(value.maxDurationMinutes, MOST_MINUTES);
  const save = () =>
    change.mutate(
      { kind: 'config', config: value },
      {
        onSuccess: () => {
          draft.saved(value);
          showToast(t('form.saved'));
        },
      },
    );
  return (
    <Card title={t('roomConfig.title')}>
      <FixedNote />
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          if (!wrong) save();
        }}
      >
        <RecordingFields {...part} />
        <Switch
          label={t('roomConfig.chat')}
          isSelected={value.chat?.enabled ?? true}
          isDisabled={part.isDisabled}
          onChange={(enabled) => set({ ...value, chat: { enabled } })}
        />
        <Guests {...part} />
        <ComingIn {...part} />
        <div className={styles.fields}>
          <Limit
            label={t('roomConfig.maxParticipants')}
            most={MOST_PEOPLE}
            value={value.maxParticipants}
            isDisabled={part.isDisabled}
            onChange={(maxParticipants) => set({ ...value, maxParticipants })}
          />
          <Limit
            label={t('roomConfig.maxDuration')}
            most={MOST_MINUTES}
            value={value.maxDurationMinutes}
            isDisabled={part.isDisabled}
            onChange={(maxDurationMinutes) => set({ ...value, maxDurationMinutes })}
          />
        </div>
        {mayManage && (
          <SaveBar error={change.error} isPending={change.isPending} draft={draft} isDisabled={part.isDisabled} />
        )}
      </Form>
    </Card>
  );
}

function Guests({ draft, onDraft, isDisabled }: ConfigPartProps) {
  const { t } = useTranslation();
  const { guests } = draft;
  if (!guests) return null;
  const rows = [
    ['audio', t('roomConfig.guestAudio')],
    ['video', t('roomConfig.guestVideo')],
    ['chat', t('roomConfig.guestChat')],
  ] as const;
  return (
    <fieldset className={styles.group}>
      <legend>{t('roomConfig.guests')}</legend>
      <p className={styles.muted}>{t('roomConfig.guestsText')}</p>
      {rows.map(([key, label]) => (
        <Switch
          key={key}
          label={label}
          isSelected={guests[key]}
          isDisabled={isDisabled}
          onChange={(on) => onDraft({ ...draft, guests: { ...guests, [key]: on } })}
        />
      ))}
    </fieldset>
  );
}

function ComingIn({ draft, onDraft, isDisabled }: ConfigPartProps) {
  const { t } = useTranslation();
  return (
    <fieldset className={styles.group}>
      <legend>{t('roomConfig.coming')}</legend>
      <Switch
        label={t('roomConfig.initialAudio')}
        isSelected={draft.initialAudioActive ?? true}
        isDisabled={isDisabled}
        onChange={(initialAudioActive) => onDraft({ ...draft, initialAudioActive })}
      />
      <Switch
        label={t('roomConfig.initialVideo')}
        isSelected={draft.initialVideoActive ?? true}
        isDisabled={isDisabled}
        onChange={(initialVideoActive) => onDraft({ ...draft, initialVideoActive })}
      />
    </fieldset>
  );
}

interface LimitProps {
  label: string;
  most: number;
  value: number | null | undefined;
  isDisabled: boolean;
  onChange: (value: number | null) => void;
}

function Limit({ label, most, value, isDisabled, onChange }: LimitProps) {
  const { t } = useTranslation();
  return (
    <TextField
      label={label}
      inputMode="numeric"
      description={t('roomConfig.noLimit')}
      value={value === null || value === undefined || Number.isNaN(value) ? '' : String(value)}
      isDisabled={isDisabled}
      onChange={(text) => onChange(text.trim() === '' ? null : Number(text.replace(/\D/g, '')))}
      error={fits(value, most) ? undefined : t('roomConfig.range', { most })}
    />
  );
}

function fits(value: number | null | undefined, most: number): boolean {
  return value === null || value === undefined || (Number.isInteger(value) && value >= 1 && value <= most);
}
