/** Corrects the name people see of a user; the name for signing in stays. */
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import type { User } from '../../api/model';
import { useRenameUser } from '../../api/users';
import { errorText } from '../../app/errorText';
import { Button } from '../../ui/Button';
import { Form, FormTextField } from '../../ui/Form';
import { Modal } from '../../ui/Modal';
import { Banner } from '../../ui/Surface';
import { showToast } from '../../ui/toastStore';

export function RenameDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation();
  const rename = useRenameUser();
  const { control, handleSubmit } = useForm({ defaultValues: { name: user.name } });
  const submit = handleSubmit(({ name }) =>
    rename.mutate(
      { userId: user.userId, name: name.trim() },
      {
        onSuccess: () => {
          showToast(t('users.renamed', { name: name.trim() }));
          onClose();
        },
      },
    ),
  );
  return (
    <Modal title={t('users.renameOne', { name: user.name })} closeLabel={t('app.close')} isOpen onClose={onClose}>
      <Form onSubmit={submit}>
        {rename.error && <Banner tone="bad">{errorText(rename.error, t)}</Banner>}
        <FormTextField
          control={control}
          name="name"
          label={t('users.name')}
          autoFocus
          autoComplete="off"
          maxLength={50}
          rules={{ validate: (value) => value.trim() !== '' || t('form.required') }}
        />
        <div>
          <Button type="submit" variant="primary" isPending={rename.isPending}>
            {t('users.rename')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
