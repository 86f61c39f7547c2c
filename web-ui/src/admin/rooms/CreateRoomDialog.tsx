/** Makes a room by its name; everything else has good defaults, or is set up first, step by step. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCreateRoom, type NewRoom } from '../../api/manageRooms';
import { errorText } from '../../app/errorText';
import { Button } from '../../ui/Button';
import { Form } from '../../ui/Form';
import { Modal } from '../../ui/Modal';
import { Banner } from '../../ui/Surface';
import { TextField } from '../../ui/TextField';
import { showToast } from '../../ui/toastStore';
import { FRESH, toRoom } from './newRoom';
import styles from './Room.module.css';
import { RoomWizard } from './RoomWizard';

export function CreateRoomDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const create = useCreateRoom();
  const [draft, setDraft] = useState(FRESH);
  const [tried, setTried] = useState(false);
  const [inSteps, setInSteps] = useState(false);
  const nameless = draft.name.trim() === '';
  const send = (room: NewRoom) =>
    create.mutate(room, {
      onSuccess: ({ roomName }) => {
        showToast(t('rooms.created', { room: roomName }));
        onClose();
      },
    });
  const whenNamed = (go: () => void) => {
    setTried(true);
    if (!nameless) go();
  };
  return (
    <Modal title={t('rooms.create')} closeLabel={t('app.close')} isOpen onClose={onClose}>
      {create.error && <Banner tone="bad">{errorText(create.error, t)}</Banner>}
      {inSteps ? (
        <RoomWizard
          draft={draft}
          onDraft={setDraft}
          isPending={create.isPending}
          onBack={() => setInSteps(false)}
          onDone={() => send(toRoom(draft))}
        />
      ) : (
        <Form
          onSubmit={(event) => {
            event.preventDefault();
            whenNamed(() => send({ roomName: draft.name.trim() }));
          }}
        >
          <p>{t('rooms.createText')}</p>
          <TextField
            label={t('rooms.name')}
            value={draft.name}
            onChange={(name) => setDraft({ ...draft, name })}
            autoFocus
            autoComplete="off"
            maxLength={50}
            error={tried && nameless ? t('rooms.nameMissing') : undefined}
          />
          <div className={styles.buttons}>
            <Button type="submit" variant="primary" isPending={create.isPending}>
              {t('form.create')}
            </Button>
            <Button isDisabled={create.isPending} onPress={() => whenNamed(() => setInSteps(true))}>
              {t('rooms.setUpFirst')}
            </Button>
          </div>
        </Form>
      )}
    </Modal>
  );
}
