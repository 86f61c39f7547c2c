/** What is possible in the meetings of a room (features R6). */
import { useState } from 'react';
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
  const [draft, setDraft] = useState(config);
  const part: ConfigPartProps = { draft, onDraft: setDraft, isDisabled: !mayManage || isFixed };
  const wrong = !fits(draft.maxParticipants, MOST_PEOPLE) || !fits(draft.maxDurationMinutes, MOST_MINUTES);
  return (
    <Card title={t('roomConfig.title')}>
      <FixedNote />
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          if (!wrong) change.mutate({ kind: 'config', config: draft }, { onSuccess: () => showToast(t('form.saved')) });
        }}
      >
        <RecordingFields {...part} />
        <Switch
          label={t('roomConfig.chat')}
          isSelected={draft.chat?.enabled ?? true}
          isDisabled={part.isDisabled}
          onChange={(enabled) => setDraft({ ...draft, chat: { enabled } })}
        />
        <Guests {...part} />
        <ComingIn {...part} />
        <div className={styles.fields}>
          <Limit
            label={t('roomConfig.maxParticipants')}
            most={MOST_PEOPLE}
            value={draft.maxParticipants}
            isDisabled={part.isDisabled}
            onChange={(maxParticipants) => setDraft({ ...draft, maxParticipants })}
          />
          <Limit
            label={t('roomConfig.maxDuration')}
            most={MOST_MINUTES}
            value={draft.maxDurationMinutes}
            isDisabled={part.isDisabled}
            onChange={(maxDurationMinutes) => setDraft({ ...draft, maxDurationMinutes })}
          />
        </div>
        {mayManage && (
          <SaveBar
            roomId={room.roomId}
            error={change.error}
            isPending={change.isPending}
            isChanged={!part.isDisabled && JSON.stringify(draft) !== JSON.stringify(config)}
            onDiscard={() => setDraft(config)}
          />
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
