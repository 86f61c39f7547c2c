/** Makes a room by its name; everything else has good defaults, or is set up first, step by step. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCreateRoom, type NewRoom } from '../../api/manageRooms';
import { nameProblem } from '../../app/nameProblem';
import { Button } from '../../ui/Button';
import { Modal } from '../../ui/Modal';
import { TextField } from '../../ui/TextField';
import { showToast } from '../../ui/toastStore';
import { DialogForm } from '../DialogForm';
import { FRESH, toRoom } from './newRoom';
import { RoomWizard } from './RoomWizard';

export function CreateRoomDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const create = useCreateRoom();
  const [draft, setDraft] = useState(FRESH);
  const [tried, setTried] = useState(false);
  const [inSteps, setInSteps] = useState(false);
  const problem = nameProblem(draft.name, t('rooms.nameMissing'), t);
  const send = (room: NewRoom) =>
    create.mutate(room, {
      onSuccess: ({ roomName }) => {
        showToast(t('rooms.created', { room: roomName }));
        onClose();
      },
    });
  const whenNamed = (go: () => void) => {
    setTried(true);
    if (!problem) go();
  };
  return (
    <Modal title={t('rooms.create')} closeLabel={t('app.close')} isOpen onClose={onClose}>
      {inSteps ? (
        <RoomWizard
          draft={draft}
          onDraft={setDraft}
          isPending={create.isPending}
          error={create.error}
          onBack={() => setInSteps(false)}
          onDone={() => send(toRoom(draft))}
        />
      ) : (
        <DialogForm
          submitLabel={t('form.create')}
          isPending={create.isPending}
          error={create.error}
          onSubmit={() => whenNamed(() => send({ roomName: draft.name.trim() }))}
          more={
            <Button isDisabled={create.isPending} onPress={() => whenNamed(() => setInSteps(true))}>
              {t('rooms.setUpFirst')}
            </Button>
          }
        >
          <p>{t('rooms.createText')}</p>
          <TextField
            label={t('rooms.name')}
            value={draft.name}
            onChange={(name) => setDraft({ ...draft, name })}
            autoFocus
            autoComplete="off"
            error={tried || draft.name.trim() !== '' ? problem : undefined}
          />
        </DialogForm>
      )}
    </Modal>
  );
}
