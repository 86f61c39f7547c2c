/** Makes or changes a webhook: where to, of what, of which room. */
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { isCode } from '../../api/errors';
import type { EventKind, Webhook } from '../../api/model';
import { useSaveWebhook, useWebhook } from '../../api/webhooks';
import { Checkbox } from '../../ui/Checkbox';
import { Modal } from '../../ui/Modal';
import { RadioGroup } from '../../ui/RadioGroup';
import { Banner } from '../../ui/Surface';
import { TextField } from '../../ui/TextField';
import { showToast } from '../../ui/toastStore';
import { DialogForm } from '../DialogForm';
import { Fresh } from '../Fresh';
import styles from '../rooms/Room.module.css';
import { useDraft } from '../useDraft';
import { addressProblem } from './failure';
import { RoomChoice, type ChosenRoom } from './RoomChoice';
import { Secret } from './SecretDialog';
import { EVENTS, isWebAddress } from './webhook';

interface Draft extends ChosenRoom {
  url: string;
  /** Undefined: all. */
  events: readonly EventKind[] | undefined;
}

export function WebhookDialog({ webhook, onClose }: { webhook: Webhook | undefined; onClose: () => void }) {
  const now = useWebhook(webhook?.webhookId);
  if (!webhook) return <WebhookForm webhook={undefined} etag={undefined} onClose={onClose} />;
  if (now.data) return <WebhookForm webhook={now.data.data} etag={now.data.etag} onClose={onClose} />;
  return (
    <Frame isNew={false} onClose={onClose}>
      <Fresh query={now}>{() => null}</Fresh>
    </Frame>
  );
}

interface WebhookFormProps {
  webhook: Webhook | undefined;
  etag: string | undefined;
  onClose: () => void;
}

function WebhookForm({ webhook, etag, onClose }: WebhookFormProps) {
  const { t } = useTranslation();
  const save = useSaveWebhook();
  const { url = 'https://', events, roomId } = webhook ?? {};
  const draft = useDraft<Draft>({ url, events, roomId, room: roomId ? 'one' : 'all' });
  const { value, set } = draft;
  const [tried, setTried] = useState(false);
  const wrong = {
    url: !isWebAddress(value.url),
    events: value.events?.length === 0,
    room: value.room === 'one' && !value.roomId,
  };
  // What the box says of the address stands at it, until it is another.
  const refused = save.variables?.body.url === value.url.trim() ? addressProblem(save.error) : undefined;
  const submit = () => {
    setTried(true);
    if (wrong.url || wrong.events || wrong.room) return;
    const body = {
      url: value.url.trim(),
      enabled: webhook?.enabled ?? true,
      ...(value.events ? { events: [...value.events] } : {}),
      ...(value.roomId ? { roomId: value.roomId } : {}),
    };
    const onSuccess = () => {
      if (!webhook) return;
      showToast(t('form.saved'));
      onClose();
    };
    save.mutate({ webhookId: webhook?.webhookId, etag, body }, { onSuccess });
  };
  if (save.data?.secret) return <Secret title={t('webhooks.made')} secret={save.data.secret} onClose={onClose} />;
  return (
    <Frame isNew={!webhook} onClose={onClose}>
      <DialogForm
        submitLabel={t(webhook ? 'form.save' : 'form.create')}
        isPending={save.isPending}
        // What was said of another address is over.
        error={addressProblem(save.error) && !refused ? null : save.error}
        words={(error) => (isCode(error, 'limit_reached') ? t('webhooks.tooMany') : refused && '')}
        clash={draft.clash}
        onSubmit={submit}
      >
        <TextField
          label={t('webhooks.url')}
          description={t('webhooks.urlText')}
          type="url"
          value={value.url}
          autoComplete="off"
          autoFocus={!webhook}
          onChange={(next) => set({ ...value, url: next })}
          error={tried && wrong.url ? t('webhooks.urlWrong') : refused && t(`webhooks.urlRefused.${refused}`)}
        />
        <RadioGroup
          label={t('webhooks.events')}
          options={[
            { id: 'all', label: t('webhooks.allEvents') },
            { id: 'some', label: t('webhooks.someEvents') },
          ]}
          value={value.events ? 'some' : 'all'}
          onChange={(which) => set({ ...value, events: which === 'some' ? EVENTS : undefined })}
        />
        {value.events && <Events chosen={value.events} onChange={(next) => set({ ...value, events: next })} />}
        {tried && wrong.events && <Banner tone="bad">{t('webhooks.eventsMissing')}</Banner>}
        <RoomChoice room={value.room} roomId={value.roomId} onChange={(chosen) => set({ ...value, ...chosen })} />
        {tried && wrong.room && <Banner tone="bad">{t('webhooks.roomMissing')}</Banner>}
      </DialogForm>
    </Frame>
  );
}

function Frame({ isNew, onClose, children }: { isNew: boolean; onClose: () => void; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Modal title={t(isNew ? 'webhooks.create' : 'webhooks.edit')} closeLabel={t('app.close')} isOpen onClose={onClose}>
      {children}
    </Modal>
  );
}

interface EventsProps {
  chosen: readonly EventKind[];
  onChange: (chosen: readonly EventKind[]) => void;
}

function Events({ chosen, onChange }: EventsProps) {
  const { t } = useTranslation();
  return (
    <fieldset className={styles.group}>
      <legend className="sr-only">{t('webhooks.someEvents')}</legend>
      {EVENTS.map((kind) => (
        <Checkbox
          key={kind}
          label={t(`webhooks.kinds.${kind}`)}
          isSelected={chosen.includes(kind)}
          onChange={(on) => onChange(EVENTS.filter((one) => (one === kind ? on : chosen.includes(one))))}
        />
      ))}
    </fieldset>
  );
}
