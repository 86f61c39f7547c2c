/** Makes an API key and shows it this one time. */
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { useCreateApiKey } from '../../api/apiKeys';
import { isCode } from '../../api/errors';
import { CopyText } from '../../app/CopyText';
import { nameProblem } from '../../app/nameProblem';
import { FormTextField } from '../../ui/Form';
import { Modal } from '../../ui/Modal';
import { Banner } from '../../ui/Surface';
import { DialogForm } from '../DialogForm';
import { ShownOnce } from '../ShownOnce';

export function CreateKeyDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const create = useCreateApiKey();
  const { control, handleSubmit } = useForm({ defaultValues: { name: '' } });
  if (create.data?.key) {
    return (
      <Modal title={t('apiKeys.made')} closeLabel={t('app.close')} isOpen onClose={onClose}>
        <ShownOnce onClose={onClose}>
          <Banner tone="warn">{t('apiKeys.madeText')}</Banner>
          <CopyText value={create.data.key} autoFocus />
          <p>{t('apiKeys.usage')}</p>
        </ShownOnce>
      </Modal>
    );
  }
  return (
    <Modal title={t('apiKeys.create')} closeLabel={t('app.close')} isOpen onClose={onClose}>
      <DialogForm
        submitLabel={t('form.create')}
        isPending={create.isPending}
        error={create.error}
        words={(error) => (isCode(error, 'limit_reached') ? t('apiKeys.tooMany') : undefined)}
        onSubmit={handleSubmit(({ name }) => create.mutate(name.trim()))}
      >
        <FormTextField
          control={control}
          name="name"
          label={t('apiKeys.name')}
          autoFocus
          autoComplete="off"
          rules={{ validate: (value) => nameProblem(value, t('form.required'), t) }}
        />
      </DialogForm>
    </Modal>
  );
}
