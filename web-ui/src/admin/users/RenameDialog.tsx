/** Corrects the name people see of a user; the name for signing in stays. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { User } from '../../api/model';
import { useRenameUser, useUser } from '../../api/users';
import { nameProblem } from '../../app/nameProblem';
import { Modal } from '../../ui/Modal';
import { TextField } from '../../ui/TextField';
import { showToast } from '../../ui/toastStore';
import { DialogForm } from '../DialogForm';
import { Fresh } from '../Fresh';
import { useDraft } from '../useDraft';
import type { UserDialogProps, UserFormProps } from './userDialog';

export function RenameDialog({ user, onClose }: UserDialogProps) {
  const { t } = useTranslation();
  const now = useUser(user.userId);
  return (
    <Modal title={t('users.renameOne', { name: user.name })} closeLabel={t('app.close')} isOpen onClose={onClose}>
      <Fresh query={now}>{({ data, etag }) => <RenameForm user={data} etag={etag} onClose={onClose} />}</Fresh>
    </Modal>
  );
}

function RenameForm({ user, etag, onClose }: UserFormProps) {
  const { t } = useTranslation();
  const rename = useRenameUser();
  const draft = useDraft<User['name']>(user.name);
  const [tried, setTried] = useState(false);
  const name = draft.value.trim();
  const problem = nameProblem(name, t('form.required'), t);
  const submit = () => {
    setTried(true);
    if (problem) return;
    const onSuccess = () => {
      showToast(t('users.renamed', { name }));
      onClose();
    };
    rename.mutate({ userId: user.userId, etag, name }, { onSuccess });
  };
  return (
    <DialogForm
      submitLabel={t('users.rename')}
      isPending={rename.isPending}
      error={rename.error}
      clash={draft.clash}
      onSubmit={submit}
    >
      <TextField
        label={t('users.name')}
        value={draft.value}
        onChange={draft.set}
        autoFocus
        autoComplete="off"
        error={tried || name !== '' ? problem : undefined}
      />
      {draft.clash && <p>{t('users.nameNow', { name: user.name })}</p>}
    </DialogForm>
  );
}
