/** Makes or changes a webhook: where to, of what, of which room. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isCode } from '../../api/errors';
import type { EventKind, Webhook } from '../../api/model';
import { useSaveWebhook } from '../../api/webhooks';
import { errorText } from '../../app/errorText';
import { Button } from '../../ui/Button';
import { Checkbox } from '../../ui/Checkbox';
import { Form } from '../../ui/Form';
import { Modal } from '../../ui/Modal';
import { RadioGroup } from '../../ui/RadioGroup';
import { Banner } from '../../ui/Surface';
import { TextField } from '../../ui/TextField';
import { showToast } from '../../ui/toastStore';
import styles from '../rooms/Room.module.css';
import { RoomChoice } from './RoomChoice';
import { Secret } from './SecretDialog';
import { EVENTS, isWebAddress } from './webhook';

interface Draft {
  url: string;
  /** Undefined: all. */
  events: readonly EventKind[] | undefined;
  roomId: string | undefined;
}

export function WebhookDialog({ webhook, onClose }: { webhook: Webhook | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const save = useSaveWebhook();
  const [draft, setDraft] = useState<Draft>({
    url: webhook?.url ?? 'https://',
    events: webhook?.events,
    roomId: webhook?.roomId,
  });
  const [tried, setTried] = useState(false);
  const wrong = { url: !isWebAddress(draft.url), events: draft.events?.length === 0 };
  const submit = () => {
    setTried(true);
    if (wrong.url || wrong.events) return;
    const { events, roomId } = draft;
    const body = {
      url: draft.url.trim(),
      enabled: webhook?.enabled ?? true,
      ...(events ? { events: [...events] } : {}),
      ...(roomId ? { roomId } : {}),
    };
    const onSuccess = () => {
      if (!webhook) return;
      showToast(t('form.saved'));
      onClose();
    };
    save.mutate({ webhookId: webhook?.webhookId, body }, { onSuccess });
  };
  if (save.data?.secret) return <Secret title={t('webhooks.made')} secret={save.data.secret} onClose={onClose} />;
  return (
    <Modal
      title={t(webhook ? 'webhooks.edit' : 'webhooks.create')}
      closeLabel={t('app.close')}
      isOpen
      onClose={onClose}
    >
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {save.error && (
          <Banner tone="bad">
            {isCode(save.error, 'limit_reached') ? t('webhooks.tooMany') : errorText(save.error, t)}
          </Banner>
        )}
        <TextField
          label={t('webhooks.url')}
          description={t('webhooks.urlText')}
          type="url"
          value={draft.url}
          maxLength={2000}
          autoComplete="off"
          autoFocus={!webhook}
          onChange={(url) => setDraft({ ...draft, url })}
          error={tried && wrong.url ? t('webhooks.urlWrong') : undefined}
        />
        <RadioGroup
          label={t('webhooks.events')}
          options={[
            { id: 'all', label: t('webhooks.allEvents') },
            { id: 'some', label: t('webhooks.someEvents') },
          ]}
          value={draft.events ? 'some' : 'all'}
          onChange={(which) => setDraft({ ...draft, events: which === 'some' ? EVENTS : undefined })}
        />
        {draft.events && <Events chosen={draft.events} onChange={(events) => setDraft({ ...draft, events })} />}
        {tried && wrong.events && <Banner tone="bad">{t('webhooks.eventsMissing')}</Banner>}
        <RoomChoice roomId={draft.roomId} onChange={(roomId) => setDraft({ ...draft, roomId })} />
        <div>
          <Button type="submit" variant="primary" isPending={save.isPending}>
            {t(webhook ? 'form.save' : 'form.create')}
          </Button>
        </div>
      </Form>
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
