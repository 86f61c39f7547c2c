/** Keys with which programs manage the box (features U9). */
import { KeyRound, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { readApiKey, useApiKeys, useDeleteApiKeys } from '../../api/apiKeys';
import type { ApiKey } from '../../api/model';
import { useTitle } from '../../app/useTitle';
import { localPage } from '../../lib/localPage';
import { Button, IconButton } from '../../ui/Button';
import type { Column } from '../../ui/DataTable';
import { Empty } from '../../ui/Surface';
import { DeleteMany } from '../list/DeleteMany';
import { Day } from '../list/Day';
import { BulkDelete } from '../list/BulkDelete';
import { ListView } from '../list/ListView';
import { byDateAndName, useListState } from '../list/useListState';
import page from '../page.module.css';
import { ApiTabs } from './ApiTabs';
import { CreateKeyDialog } from './CreateKeyDialog';

const ORDERS = byDateAndName('creationDate');

export function ApiKeysPage() {
  const { t } = useTranslation();
  const state = useListState(ORDERS, 'newest');
  const keys = useApiKeys();
  const remove = useDeleteApiKeys();
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey[]>();
  const columns = useColumns();
  useTitle(t('apiKeys.title'));
  return (
    <div className={page.page}>
      <div className={page.head}>
        <h1 className={page.grow}>{t('apiKeys.both')}</h1>
        <Button variant="primary" icon={<Plus size={18} aria-hidden />} onPress={() => setCreating(true)}>
          {t('apiKeys.create')}
        </Button>
      </div>
      <ApiTabs />
      <p>{t('apiKeys.text')}</p>
      <ListView
        label={t('apiKeys.list')}
        state={state}
        source={{ ...keys, data: keys.data && localPage(keys.data, state.query, (key) => key.name) }}
        columns={columns}
        keyOf={(key) => key.keyId}
        nameOf={(key) => key.name}
        searchLabel={t('apiKeys.search')}
        canTick={() => true}
        bulk={(chosen) => <BulkDelete label={t('apiKeys.revokeSelected')} onPress={() => setRevoking(chosen)} />}
        actions={(key) => (
          <IconButton
            label={t('apiKeys.revokeOne', { name: key.name })}
            icon={<Trash2 size={18} aria-hidden />}
            onPress={() => setRevoking([key])}
          />
        )}
        empty={
          <Empty icon={<KeyRound aria-hidden />} title={t('apiKeys.empty')}>
            <p>{t('apiKeys.emptyText')}</p>
          </Empty>
        }
      />
      {creating && <CreateKeyDialog onClose={() => setCreating(false)} />}
      {revoking && (
        <DeleteMany
          kind="apiKey"
          things={revoking.map(({ keyId: id, name }) => ({ id, name }))}
          read={readApiKey}
          nameOf={({ name }) => name}
          describe={({ name }) => name}
          title={(count, name) => t('apiKeys.revokeTitle', { count, name })}
          confirmLabel={t('apiKeys.revoke')}
          remove={remove}
          doneText={(count) => t('apiKeys.revoked', { count })}
          onClose={() => setRevoking(undefined)}
          onDone={state.restart}
        >
          <p>{t('apiKeys.revokeText')}</p>
        </DeleteMany>
      )}
    </div>
  );
}

function useColumns(): Column<ApiKey>[] {
  const { t } = useTranslation();
  return [
    { id: 'name', title: t('apiKeys.name'), main: true, cell: (key) => <strong>{key.name}</strong> },
    { id: 'prefix', title: t('apiKeys.begins'), cell: (key) => <code>{key.prefix}…</code> },
    {
      id: 'since',
      title: t('apiKeys.since'),
      cell: (key) => <Day at={key.creationDate} />,
    },
  ];
}
