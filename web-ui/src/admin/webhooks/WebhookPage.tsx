/** What was sent to one webhook, what waits, and what was given up. */
import { ArrowLeft, Send } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { isStatus } from '../../api/errors';
import type { Delivery } from '../../api/model';
import { useDeliveries, useTestWebhook, useWebhook } from '../../api/webhooks';
import { errorText } from '../../app/errorText';
import { paths } from '../../app/paths';
import { useTitle } from '../../app/useTitle';
import { formatDate, formatTime } from '../../lib/format';
import { Button } from '../../ui/Button';
import type { Column } from '../../ui/DataTable';
import { Loading } from '../../ui/Spinner';
import { Banner, Empty, Pill, type Tone } from '../../ui/Surface';
import styles from '../list/List.module.css';
import { ListView } from '../list/ListView';
import { useListState } from '../list/useListState';
import page from '../page.module.css';
import recordings from '../recordings/Recordings.module.css';
import { RoomName } from './RoomName';
import { testFailureText } from './failure';

const ORDERS = {
  newest: { sortField: 'creationDate', sortOrder: 'desc' },
  oldest: { sortField: 'creationDate', sortOrder: 'asc' },
} as const;
const STATES = ['waiting', 'delivered', 'failed'] as const;
const TONES: Record<Delivery['state'], Tone> = { waiting: 'warn', delivered: 'ok', failed: 'bad' };

export function WebhookPage() {
  const { t } = useTranslation();
  const { webhookId = '' } = useParams();
  const webhook = useWebhook(webhookId);
  useTitle(t('webhooks.title'));
  return (
    <div className={page.page}>
      <Link to={paths.webhooks} className={recordings.back ?? ''}>
        <ArrowLeft size={18} aria-hidden />
        {t('webhooks.back')}
      </Link>
      {webhook.isPending && <Loading label={t('app.loading')} />}
      {webhook.error && (
        <Banner tone="bad">{isStatus(webhook.error, 404) ? t('webhooks.missing') : errorText(webhook.error, t)}</Banner>
      )}
      {webhook.data && (
        <>
          <div className={page.head}>
            <h1 className={page.grow}>{webhook.data.data.url}</h1>
            <TestButton webhookId={webhookId} />
          </div>
          {!webhook.data.data.enabled && <Banner tone="warn">{t('webhooks.off')}</Banner>}
          <Log webhookId={webhookId} />
        </>
      )}
    </div>
  );
}

function TestButton({ webhookId }: { webhookId: string }) {
  const { t } = useTranslation();
  const test = useTestWebhook();
  return (
    <>
      <Button icon={<Send size={18} aria-hidden />} isPending={test.isPending} onPress={() => test.mutate(webhookId)}>
        {t('webhooks.test')}
      </Button>
      {test.isSuccess && <Banner>{t('webhooks.testedThis')}</Banner>}
      {test.error && <Banner tone="bad">{testFailureText(test.error, t)}</Banner>}
    </>
  );
}

function Log({ webhookId }: { webhookId: string }) {
  const { t } = useTranslation();
  const state = useListState<Delivery['state']>(ORDERS, 'newest');
  const shown = state.shown === 'all' ? {} : { state: state.shown };
  const deliveries = useDeliveries({ ...state.query, webhookId, ...shown });
  return (
    <ListView
      label={t('webhooks.log')}
      state={state}
      source={deliveries}
      columns={useColumns()}
      keyOf={(one) => one.eventId}
      nameOf={(one) => one.eventId}
      parts={[
        { id: 'all', label: t('webhooks.allStates') },
        ...STATES.map((id) => ({ id, label: t(`webhooks.states.${id}`) })),
      ]}
      empty={
        <Empty icon={<Send aria-hidden />} title={t('webhooks.nothing')}>
          <p>{t('webhooks.nothingText')}</p>
        </Empty>
      }
    />
  );
}

function useColumns(): Column<Delivery>[] {
  const { t } = useTranslation();
  return [
    {
      id: 'event',
      title: t('webhooks.event'),
      main: true,
      cell: (one) => (
        <span className={styles.named}>
          <strong>{t(`webhooks.kinds.${one.event}`)}</strong>
          {one.participantName !== undefined && <bdi>{one.participantName}</bdi>}
          <small>{one.eventId}</small>
        </span>
      ),
    },
    { id: 'room', title: t('webhooks.room'), cell: (one) => <RoomName roomId={one.roomId} /> },
    {
      id: 'state',
      title: t('webhooks.state'),
      plain: true,
      cell: (one) => (
        <span className={styles.pills}>
          <Pill tone={TONES[one.state]}>{t(`webhooks.states.${one.state}`)}</Pill>
        </span>
      ),
    },
    { id: 'attempts', title: t('webhooks.attempts'), cell: (one) => one.attempts },
    { id: 'outcome', title: t('webhooks.outcome'), plain: true, cell: (one) => <Outcome one={one} /> },
    {
      id: 'at',
      title: t('webhooks.at'),
      cell: (one) => <span className={styles.date}>{formatDate(one.creationDate)}</span>,
    },
  ];
}

function Outcome({ one }: { one: Delivery }) {
  const { t } = useTranslation();
  const said = one.lastError ?? (one.lastStatus ? t('webhooks.answered', { status: one.lastStatus }) : undefined);
  const next = one.nextAttemptDate;
  return (
    <span className={styles.named}>
      {said && <span>{said}</span>}
      {next !== undefined && <small>{t('webhooks.nextTry', { time: formatTime(next) })}</small>}
    </span>
  );
}
