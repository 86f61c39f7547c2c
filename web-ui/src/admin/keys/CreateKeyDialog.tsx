/** Makes an API key and shows it this one time. */
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { useCreateApiKey } from '../../api/apiKeys';
import { isCode } from '../../api/errors';
import { errorText } from '../../app/errorText';
import { Button } from '../../ui/Button';
import { Form, FormTextField } from '../../ui/Form';
import { Modal } from '../../ui/Modal';
import { CopyField } from '../../ui/Share';
import { Banner } from '../../ui/Surface';

export function CreateKeyDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const create = useCreateApiKey();
  const { control, handleSubmit } = useForm({ defaultValues: { name: '' } });
  if (create.data?.key) {
    return (
      <Modal title={t('apiKeys.made')} closeLabel={t('app.close')} isOpen onClose={onClose}>
        <Banner tone="warn">{t('apiKeys.madeText')}</Banner>
        <CopyField value={create.data.key} copyLabel={t('app.copy')} copiedLabel={t('app.copied')} />
        <p>{t('apiKeys.usage')}</p>
        <div>
          <Button variant="primary" onPress={onClose}>
            {t('users.done')}
          </Button>
        </div>
      </Modal>
    );
  }
  return (
    <Modal title={t('apiKeys.create')} closeLabel={t('app.close')} isOpen onClose={onClose}>
      <Form onSubmit={handleSubmit(({ name }) => create.mutate(name.trim()))}>
        {create.error && (
          <Banner tone="bad">
            {isCode(create.error, 'limit_reached') ? t('apiKeys.tooMany') : errorText(create.error, t)}
          </Banner>
        )}
        <FormTextField
          control={control}
          name="name"
          label={t('apiKeys.name')}
          autoFocus
          autoComplete="off"
          maxLength={50}
          rules={{ validate: (value) => value.trim() !== '' || t('form.required') }}
        />
        <div>
          <Button type="submit" variant="primary" isPending={create.isPending}>
            {t('form.create')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
