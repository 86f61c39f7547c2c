/** The secret of a webhook: shown this one time, and replaced where it got lost or known. */
import { useTranslation } from 'react-i18next';
import type { Webhook } from '../../api/model';
import { useRenewSecret } from '../../api/webhooks';
import { CopyText } from '../../app/CopyText';
import { errorText } from '../../app/errorText';
import { Confirm, Modal } from '../../ui/Modal';
import { Banner } from '../../ui/Surface';
import { ShownOnce } from '../ShownOnce';

export function SecretDialog({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const { t } = useTranslation();
  const renew = useRenewSecret();
  if (renew.data?.secret) return <Secret title={t('webhooks.renewed')} secret={renew.data.secret} onClose={onClose} />;
  return (
    <Confirm
      title={t('webhooks.renewTitle')}
      confirmLabel={t('webhooks.renew')}
      cancelLabel={t('app.cancel')}
      isOpen
      isPending={renew.isPending}
      onConfirm={() => renew.mutate(webhook.webhookId)}
      onClose={onClose}
    >
      {renew.error && <Banner tone="bad">{errorText(renew.error, t)}</Banner>}
      <p>{t('webhooks.renewText')}</p>
    </Confirm>
  );
}

export function Secret({ title, secret, onClose }: { title: string; secret: string; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal title={title} closeLabel={t('app.close')} isOpen onClose={onClose}>
      <ShownOnce onClose={onClose}>
        <Banner tone="warn">{t('webhooks.madeText')}</Banner>
        <CopyText value={secret} autoFocus />
        <p>{t('webhooks.usage')}</p>
      </ShownOnce>
    </Modal>
  );
}
