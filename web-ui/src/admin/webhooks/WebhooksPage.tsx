/** Webhooks: programs elsewhere that are told what happens on this box (features I3). */
import { KeyRound, ListChecks, Pencil, Plus, Send, Trash2, Webhook as WebhookIcon } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Webhook } from '../../api/model';
import { readWebhook, useDeleteWebhooks, useEnableWebhook, useTestWebhook, useWebhooks } from '../../api/webhooks';
import { errorText } from '../../app/errorText';
import { paths } from '../../app/paths';
import { useTitle } from '../../app/useTitle';
import { localPage } from '../../lib/localPage';
import { Button, IconButton } from '../../ui/Button';
import type { Column } from '../../ui/DataTable';
import { IconLink } from '../../ui/IconLink';
import { Empty } from '../../ui/Surface';
import { Switch } from '../../ui/Switch';
import { showToast } from '../../ui/toastStore';
import { ApiTabs } from '../keys/ApiTabs';
import { BulkDelete } from '../list/BulkDelete';
import { Day } from '../list/Day';
import { DeleteMany } from '../list/DeleteMany';
import styles from '../list/List.module.css';
import { ListView } from '../list/ListView';
import { byDateAndName, useListState } from '../list/useListState';
import page from '../page.module.css';
import { RoomName } from './RoomName';
import { SecretDialog } from './SecretDialog';
import { WebhookDialog } from './WebhookDialog';
import { testFailureText } from './failure';

const ORDERS = byDateAndName('creationDate', 'url');

type Open =
  | { dialog: 'edit'; webhook: Webhook | undefined }
  | { dialog: 'secret'; webhook: Webhook }
  | { dialog: 'delete'; webhooks: Webhook[] };

export function WebhooksPage() {
  const { t } = useTranslation();
  const state = useListState(ORDERS, 'newest');
  const webhooks = useWebhooks();
  const remove = useDeleteWebhooks();
  const [open, setOpen] = useState<Open>();
  useTitle(t('webhooks.title'));
  const close = () => setOpen(undefined);
  return (
    <div className={page.page}>
      <div className={page.head}>
        <h1 className={page.grow}>{t('apiKeys.both')}</h1>
        <Button
          variant="primary"
          icon={<Plus size={18} aria-hidden />}
          onPress={() => setOpen({ dialog: 'edit', webhook: undefined })}
        >
          {t('webhooks.create')}
        </Button>
      </div>
      <ApiTabs />
      <p>{t('webhooks.text')}</p>
      <ListView
        label={t('webhooks.title')}
        state={state}
        source={{ ...webhooks, data: webhooks.data && localPage(webhooks.data, state.query, (one) => one.url) }}
        columns={useColumns()}
        keyOf={(webhook) => webhook.webhookId}
        nameOf={(webhook) => webhook.url}
        searchLabel={t('webhooks.search')}
        canTick={() => true}
        bulk={(chosen) => (
          <BulkDelete
            label={t('list.deleteSelected')}
            onPress={() => setOpen({ dialog: 'delete', webhooks: chosen })}
          />
        )}
        actions={(webhook) => <Actions webhook={webhook} onOpen={setOpen} />}
        empty={
          <Empty icon={<WebhookIcon aria-hidden />} title={t('webhooks.empty')}>
            <p>{t('webhooks.emptyText')}</p>
          </Empty>
        }
      />
      {open?.dialog === 'edit' && <WebhookDialog webhook={open.webhook} onClose={close} />}
      {open?.dialog === 'secret' && <SecretDialog webhook={open.webhook} onClose={close} />}
      {open?.dialog === 'delete' && (
        <DeleteMany
          kind="webhook"
          things={open.webhooks.map(({ webhookId: id, url }) => ({ id, name: url }))}
          read={readWebhook}
          nameOf={({ url }) => url}
          describe={({ url }) => url}
          title={(count) => t('webhooks.deleteTitle', { count })}
          listsOne
          confirmLabel={t('webhooks.delete')}
          remove={remove}
          onClose={close}
          onDone={state.restart}
        >
          <p>{t('webhooks.deleteText')}</p>
        </DeleteMany>
      )}
    </div>
  );
}

function useColumns(): Column<Webhook>[] {
  const { t } = useTranslation();
  const save = useEnableWebhook();
  const enable = ({ webhookId }: Webhook, enabled: boolean) =>
    save.mutate({ webhookId, enabled }, { onError: (error) => showToast(errorText(error, t), 'bad') });
  return [
    {
      id: 'url',
      title: t('webhooks.url'),
      main: true,
      cell: (webhook) => (
        <Link to={paths.webhook(webhook.webhookId)} className={styles.name ?? ''}>
          {webhook.url}
        </Link>
      ),
    },
    {
      id: 'events',
      title: t('webhooks.events'),
      cell: (webhook) => webhook.events?.map((one) => t(`webhooks.kinds.${one}`)).join(', ') ?? t('webhooks.allEvents'),
    },
    {
      id: 'room',
      title: t('webhooks.room'),
      cell: ({ roomId }) => (roomId ? <RoomName roomId={roomId} /> : t('webhooks.allRooms')),
    },
    {
      id: 'enabled',
      title: t('webhooks.enabled'),
      cell: (webhook) => (
        <Switch
          label={t('webhooks.enabledOne', { url: webhook.url })}
          hideLabel
          isSelected={webhook.enabled}
          isHeld={save.isPending}
          onChange={(on) => enable(webhook, on)}
        />
      ),
    },
    { id: 'since', title: t('webhooks.since'), cell: (webhook) => <Day at={webhook.creationDate} /> },
  ];
}

/** Of the last test is told. */
const TESTED = { topic: 'webhook test' };

function Actions({ webhook, onOpen }: { webhook: Webhook; onOpen: (open: Open) => void }) {
  const { t } = useTranslation();
  const { url, webhookId } = webhook;
  const test = useTestWebhook();
  const send = () =>
    test.mutate(webhookId, {
      onSuccess: () => showToast(t('webhooks.tested', { url }), 'info', TESTED),
      onError: (error) => showToast(testFailureText(error, t), 'bad', TESTED),
    });
  return (
    <>
      <IconButton
        label={t('webhooks.testOne', { url })}
        icon={<Send size={18} aria-hidden />}
        isPending={test.isPending}
        onPress={send}
      />
      <IconLink
        label={t('webhooks.logOne', { url })}
        icon={<ListChecks size={18} aria-hidden />}
        href={paths.webhook(webhookId)}
      />
      <IconButton
        label={t('webhooks.editOne', { url })}
        icon={<Pencil size={18} aria-hidden />}
        onPress={() => onOpen({ dialog: 'edit', webhook })}
      />
      <IconButton
        label={t('webhooks.secretOne', { url })}
        icon={<KeyRound size={18} aria-hidden />}
        onPress={() => onOpen({ dialog: 'secret', webhook })}
      />
      <IconButton
        label={t('webhooks.deleteOne', { url })}
        icon={<Trash2 size={18} aria-hidden />}
        onPress={() => onOpen({ dialog: 'delete', webhooks: [webhook] })}
      />
    </>
  );
}
