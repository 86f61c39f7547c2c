/** Makes a room by its name; everything else has good defaults and can be set up afterwards. */
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useCreateRoom } from '../../api/manageRooms';
import { errorText } from '../../app/errorText';
import { paths } from '../../app/paths';
import { Button } from '../../ui/Button';
import { Form, FormTextField } from '../../ui/Form';
import { Modal } from '../../ui/Modal';
import { Banner } from '../../ui/Surface';
import { showToast } from '../../ui/toastStore';
import styles from './Room.module.css';

export function CreateRoomDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const create = useCreateRoom();
  const { control, handleSubmit } = useForm({ defaultValues: { roomName: '' } });
  const send = (andSetUp: boolean) =>
    handleSubmit(({ roomName }) =>
      create.mutate(roomName.trim(), {
        onSuccess: (room) => {
          showToast(t('rooms.created', { room: room.roomName }));
          onClose();
          if (andSetUp) void navigate(paths.roomSettings(room.roomId));
        },
      }),
    );
  return (
    <Modal title={t('rooms.create')} closeLabel={t('app.close')} isOpen onClose={onClose}>
      <Form onSubmit={send(false)}>
        {create.error && <Banner tone="bad">{errorText(create.error, t)}</Banner>}
        <p>{t('rooms.createText')}</p>
        <FormTextField
          control={control}
          name="roomName"
          label={t('rooms.name')}
          autoFocus
          autoComplete="off"
          maxLength={50}
          rules={{ validate: (value) => value.trim() !== '' || t('rooms.nameMissing') }}
        />
        <div className={styles.buttons}>
          <Button type="submit" variant="primary" isPending={create.isPending}>
            {t('form.create')}
          </Button>
          <Button isDisabled={create.isPending} onPress={() => void send(true)()}>
            {t('rooms.createAndSet')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
