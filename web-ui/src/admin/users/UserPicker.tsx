/** Finds users by name and lets one be pressed. */
import { Plus } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { User } from '../../api/model';
import { useUsers } from '../../api/users';
import { errorText } from '../../app/errorText';
import { IconButton } from '../../ui/Button';
import { Banner } from '../../ui/Surface';
import { SearchField } from '../../ui/TextField';
import { Who } from '../list/Who';
import styles from './Users.module.css';

const MOST = 20;

export interface UserPickerProps {
  /** Not offered: they are chosen already. */
  without: readonly string[];
  /** False for those who cannot be chosen at all. */
  can?: (user: User) => boolean;
  onPick: (user: User) => void;
}

export function UserPicker({ without, can = () => true, onPick }: UserPickerProps) {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const wanted = useDeferredValue(search.trim());
  const users = useUsers({ search: wanted || undefined, sortField: 'name', sortOrder: 'asc', maxItems: MOST });
  const found = (users.data?.items ?? []).filter((user) => !without.includes(user.userId) && can(user));
  return (
    <div className={styles.picker}>
      <SearchField label={t('picker.search')} value={search} onChange={setSearch} />
      {users.error && <Banner tone="bad">{errorText(users.error, t)}</Banner>}
      {users.isSuccess && found.length === 0 && <p>{t('picker.none')}</p>}
      {found.length > 0 && (
        <ul className={styles.people} aria-label={t('picker.found')}>
          {found.map((user) => (
            <li key={user.userId}>
              <Who name={user.name} id={user.userId} />
              <IconButton
                label={t('picker.pick', { name: user.name })}
                icon={<Plus size={18} aria-hidden />}
                size="small"
                onPress={() => onPick(user)}
              />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
