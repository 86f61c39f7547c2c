/** A room's name, and whether it deletes itself. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChangeRoom } from '../../api/manageRooms';
import type { DeletionPolicy } from '../../api/model';
import { fromLocalInput, toLocalInput } from '../../lib/localDate';
import { Form } from '../../ui/Form';
import { Select } from '../../ui/Select';
import { Card } from '../../ui/Surface';
import { Switch } from '../../ui/Switch';
import { TextField } from '../../ui/TextField';
import { showToast } from '../../ui/toastStore';
import { SaveBar } from './SaveBar';
import styles from './Room.module.css';
import { useRoom } from './useRoom';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const CAREFUL: DeletionPolicy = { withMeeting: 'when_meeting_ends', withRecordings: 'close' };

interface Draft {
  name: string;
  /** As the field has it; undefined: the room stays. */
  date: string | undefined;
  policy: DeletionPolicy;
}

export function GeneralForm() {
  const { t } = useTranslation();
  const { room, etag, mayManage } = useRoom();
  const change = useChangeRoom({ room, etag });
  const { autoDeletionDate: date, autoDeletionPolicy: policy = CAREFUL } = room;
  const before: Draft = { name: room.roomName, date: date === undefined ? undefined : toLocalInput(date), policy };
  const [draft, setDraft] = useState(before);
  const [tried, setTried] = useState(false);
  const when = draft.date === undefined ? undefined : (fromLocalInput(draft.date) ?? 0);
  const dateChanged = draft.date !== before.date;
  const [now] = useState(() => Date.now());
  const tooSoon = dateChanged && when !== undefined && when < now + HOUR_MS;
  const nameless = draft.name.trim() === '';
  const submit = () => {
    setTried(true);
    if (tooSoon || nameless) return;
    const autoDeletionDate = dateChanged ? (when ?? null) : (date ?? null);
    change.mutate(
      {
        kind: 'general',
        roomName: draft.name.trim(),
        autoDeletionDate,
        ...(when === undefined ? {} : { autoDeletionPolicy: draft.policy }),
      },
      { onSuccess: () => showToast(t('form.saved')) },
    );
  };
  return (
    <Card title={t('rooms.general')}>
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextField
          label={t('rooms.name')}
          value={draft.name}
          maxLength={50}
          isDisabled={!mayManage}
          onChange={(name) => setDraft({ ...draft, name })}
          error={nameless ? t('rooms.nameMissing') : undefined}
        />
        <Switch
          label={t('rooms.selfDeletion')}
          isSelected={draft.date !== undefined}
          isDisabled={!mayManage}
          onChange={(on) => setDraft({ ...draft, date: on ? toLocalInput(Date.now() + 7 * DAY_MS) : undefined })}
        />
        {draft.date !== undefined && (
          <SelfDeletion draft={draft} onDraft={setDraft} isDisabled={!mayManage} isWrong={tried && tooSoon} />
        )}
        {mayManage && (
          <SaveBar
            roomId={room.roomId}
            error={change.error}
            isPending={change.isPending}
            isChanged={JSON.stringify(draft) !== JSON.stringify(before)}
            onDiscard={() => setDraft(before)}
          />
        )}
      </Form>
    </Card>
  );
}

interface SelfDeletionProps {
  draft: Draft;
  onDraft: (draft: Draft) => void;
  isDisabled: boolean;
  isWrong: boolean;
}

function SelfDeletion({ draft, onDraft, isDisabled, isWrong }: SelfDeletionProps) {
  const { t } = useTranslation();
  const { policy } = draft;
  const set = (more: Partial<DeletionPolicy>) => onDraft({ ...draft, policy: { ...policy, ...more } });
  return (
    <div className={styles.fields}>
      <TextField
        label={t('rooms.selfDeletionDate')}
        type="datetime-local"
        value={draft.date ?? ''}
        isDisabled={isDisabled}
        onChange={(date) => onDraft({ ...draft, date })}
        error={isWrong ? t('rooms.selfDeletionSoon') : undefined}
      />
      <Select
        label={t('rooms.ifMeeting')}
        options={[
          { id: 'when_meeting_ends', label: t('rooms.meetingEnds') },
          { id: 'force', label: t('rooms.meetingForce') },
        ]}
        value={policy.withMeeting}
        isDisabled={isDisabled}
        onChange={(withMeeting: DeletionPolicy['withMeeting']) => set({ withMeeting })}
      />
      <Select
        label={t('rooms.ifRecordings')}
        options={[
          { id: 'close', label: t('rooms.recordingsClose') },
          { id: 'force', label: t('rooms.recordingsForce') },
        ]}
        value={policy.withRecordings}
        isDisabled={isDisabled}
        onChange={(withRecordings: DeletionPolicy['withRecordings']) => set({ withRecordings })}
      />
    </div>
  );
}
