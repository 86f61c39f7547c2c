/** Users and groups are two parts of one page. */
import { useTranslation } from 'react-i18next';
import { paths } from '../../app/paths';
import { Tabs } from '../list/Tabs';

export function UsersTabs() {
  const { t } = useTranslation();
  return (
    <Tabs
      label={t('users.title')}
      tabs={[
        { to: paths.users, label: t('users.tabUsers') },
        { to: paths.groups, label: t('users.tabGroups') },
      ]}
    />
  );
}
