/** One of the roles, with what it means. */
import { useTranslation } from 'react-i18next';
import type { Role } from '../../api/model';
import { Select } from '../../ui/Select';
import styles from './Users.module.css';

/** In the order people are shown them. */
export const ROLES = ['user', 'room_member', 'admin', 'security_admin'] as const satisfies readonly Role[];

export function RoleSelect({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  const { t } = useTranslation();
  return (
    <div className={styles.section}>
      <Select
        label={t('users.role')}
        options={ROLES.map((id) => ({ id, label: t(`profile.roles.${id}`) }))}
        value={value}
        onChange={onChange}
      />
      <p className={styles.muted}>{t(`users.roleText.${value}`)}</p>
    </div>
  );
}
