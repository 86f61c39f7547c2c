/** What is possible in the meetings of a room, field by field (features R6). */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RoomConfig } from '../../api/model';
import { Switch } from '../../ui/Switch';
import { TextField } from '../../ui/TextField';
import { RecordingFields } from './RecordingFields';
import styles from './Room.module.css';

const MOST_PEOPLE = 1000;
const MOST_MINUTES = 1440;

export interface ConfigPartProps {
  draft: RoomConfig;
  onDraft: (draft: RoomConfig) => void;
  isDisabled: boolean;
}

/** The box takes these numbers. */
export function isInRange({ maxParticipants, maxDurationMinutes }: RoomConfig): boolean {
  return fits(maxParticipants, MOST_PEOPLE) && fits(maxDurationMinutes, MOST_MINUTES);
}

export function ConfigFields(part: ConfigPartProps) {
  const { t } = useTranslation();
  const { draft, onDraft, isDisabled } = part;
  return (
    <>
      <RecordingFields {...part} />
      <Switch
        label={t('roomConfig.chat')}
        isSelected={draft.chat?.enabled ?? true}
        isDisabled={isDisabled}
        onChange={(enabled) => onDraft({ ...draft, chat: { enabled } })}
      />
      <Guests {...part} />
      <ComingIn {...part} />
      <div className={styles.fields}>
        <Limit
          label={t('roomConfig.maxParticipants')}
          most={MOST_PEOPLE}
          value={draft.maxParticipants}
          isDisabled={isDisabled}
          onChange={(maxParticipants) => onDraft({ ...draft, maxParticipants })}
        />
        <Limit
          label={t('roomConfig.maxDuration')}
          most={MOST_MINUTES}
          value={draft.maxDurationMinutes}
          isDisabled={isDisabled}
          onChange={(maxDurationMinutes) => onDraft({ ...draft, maxDurationMinutes })}
        />
      </div>
      <OtherApps {...part} />
    </>
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

const APP_FEATURES = ['virtualBackground', 'raiseHand', 'captions', 'e2ee'] as const;

/** What the pages of this box have no use for, and apps on the same interfaces may. */
function OtherApps({ draft, onDraft, isDisabled }: ConfigPartProps) {
  const { t } = useTranslation();
  return (
    <fieldset className={styles.group}>
      <legend>{t('roomConfig.apps')}</legend>
      <p className={styles.muted}>{t('roomConfig.appsText')}</p>
      {APP_FEATURES.map((feature) => (
        <Switch
          key={feature}
          label={t(`roomConfig.features.${feature}`)}
          {...(feature === 'e2ee' ? { description: t('roomConfig.e2eeText') } : {})}
          isSelected={draft[feature]?.enabled ?? false}
          isDisabled={isDisabled}
          onChange={(enabled) => onDraft({ ...draft, [feature]: { enabled } })}
        />
      ))}
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
  const [typed, setTyped] = useState('');
  // What stands there is what was typed, until the number comes from elsewhere.
  const shown = limitOf(typed) === (value ?? null) ? typed : String(value ?? '');
  return (
    <TextField
      label={label}
      inputMode="numeric"
      description={t('roomConfig.noLimit')}
      value={shown}
      isDisabled={isDisabled}
      onChange={(text) => {
        setTyped(text);
        onChange(limitOf(text));
      }}
      error={fits(value, most) ? undefined : t('roomConfig.range', { most })}
    />
  );
}

/** Null is no limit; what is no whole number is zero, which no limit may be. */
function limitOf(text: string): number | null {
  const digits = text.trim();
  if (digits === '') return null;
  return /^\d+$/.test(digits) ? Number(digits) : 0;
}

function fits(value: number | null | undefined, most: number): boolean {
  return value === null || value === undefined || (Number.isInteger(value) && value >= 1 && value <= most);
}
