/** A room's name, and whether it deletes itself. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChangeRoom } from '../../api/manageRooms';
import type { DeletionPolicy } from '../../api/model';
import { nameProblem } from '../../app/nameProblem';
import { fromLocalInput, toLocalInput } from '../../lib/localDate';
import { Form } from '../../ui/Form';
import { Select } from '../../ui/Select';
import { Card } from '../../ui/Surface';
import { Switch } from '../../ui/Switch';
import { TextField } from '../../ui/TextField';
import { showToast } from '../../ui/toastStore';
import { SaveBar } from './SaveBar';
import styles from './Room.module.css';
import { useDraft } from '../useDraft';
import { useRoom } from './useRoom';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const CAREFUL: DeletionPolicy = { withMeeting: 'when_meeting_ends', withRecordings: 'close' };

interface General {
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
  const before: General = { name: room.roomName, date: date === undefined ? undefined : toLocalInput(date), policy };
  const draft = useDraft(before);
  const { value, set } = draft;
  const [tried, setTried] = useState(false);
  const when = value.date === undefined ? undefined : (fromLocalInput(value.date) ?? 0);
  const dateChanged = value.date !== before.date;
  const [now] = useState(() => Date.now());
  const tooSoon = dateChanged && when !== undefined && when < now + HOUR_MS;
  const problem = nameProblem(value.name, t('rooms.nameMissing'), t);
  const submit = () => {
    setTried(true);
    if (tooSoon || problem) return;
    const autoDeletionDate = dateChanged ? (when ?? null) : (date ?? null);
    change.mutate(
      {
        kind: 'general',
        roomName: value.name.trim(),
        autoDeletionDate,
        ...(when === undefined ? {} : { autoDeletionPolicy: value.policy }),
      },
      {
        onSuccess: () => {
          draft.saved(value);
          showToast(t('form.saved'));
        },
      },
    );
  };
  return (
    <Card title={t('rooms.general')}>
      <Form onSubmit={submit} isPending={change.isPending}>
        <TextField
          label={t('rooms.name')}
          value={value.name}
          isDisabled={!mayManage}
          onChange={(name) => set({ ...value, name })}
          error={problem}
        />
        <Switch
          label={t('rooms.selfDeletion')}
          isSelected={value.date !== undefined}
          isDisabled={!mayManage}
          onChange={(on) => set({ ...value, date: on ? toLocalInput(Date.now() + 7 * DAY_MS) : undefined })}
        />
        {value.date !== undefined && (
          <SelfDeletion draft={value} onDraft={set} isDisabled={!mayManage} isWrong={tried && tooSoon} />
        )}
        {mayManage && <SaveBar error={change.error} isPending={change.isPending} draft={draft} isDisabled={false} />}
      </Form>
    </Card>
  );
}

interface SelfDeletionProps {
  draft: General;
  onDraft: (draft: General) => void;
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
