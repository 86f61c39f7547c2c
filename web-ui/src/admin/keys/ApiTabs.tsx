/** Programs that ask the box, and programs that the box tells. */
import { useTranslation } from 'react-i18next';
import { paths } from '../../app/paths';
import { Tabs } from '../list/Tabs';

export function ApiTabs() {
  const { t } = useTranslation();
  return (
    <Tabs
      label={t('apiKeys.both')}
      tabs={[
        { to: paths.apiKeys, label: t('apiKeys.title') },
        { to: paths.webhooks, label: t('webhooks.title') },
      ]}
    />
  );
}
