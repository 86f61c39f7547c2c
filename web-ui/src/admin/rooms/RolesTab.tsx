/** What moderators and speakers of a room may do (features R4). */
import { useTranslation } from 'react-i18next';
import { useChangeRoom } from '../../api/manageRooms';
import type { RoomRoles } from '../../api/model';
import { PERMISSIONS } from '../../lib/can';
import { Form } from '../../ui/Form';
import { Card } from '../../ui/Surface';
import { Switch } from '../../ui/Switch';
import { showToast } from '../../ui/toastStore';
import { FixedNote } from './FixedNote';
import styles from './Room.module.css';
import { SaveBar } from './SaveBar';
import { useDraft } from '../useDraft';
import { useRoom } from './useRoom';

export function RolesTab() {
  const { roles } = useRoom().room;
  return roles ? <RolesForm roles={roles} /> : null;
}

const ROLES = ['moderator', 'speaker'] as const;

function RolesForm({ roles }: { roles: RoomRoles }) {
  const { t } = useTranslation();
  const { room, etag, mayManage, isFixed } = useRoom();
  const change = useChangeRoom({ room, etag });
  const draft = useDraft(roles);
  const isDisabled = !mayManage || isFixed;
  return (
    <Card title={t('permissions.title')}>
      <FixedNote />
      <p className={styles.muted}>{t('permissions.text')}</p>
      <Form
        isPending={change.isPending}
        onSubmit={() =>
          change.mutate(
            { kind: 'roles', roles: draft.value },
            {
              onSuccess: () => {
                draft.saved(draft.value);
                showToast(t('form.saved'));
              },
            },
          )
        }
      >
        <table className={styles.roles} aria-label={t('permissions.title')}>
          <thead>
            <tr>
              <th scope="col">{t('permissions.permission')}</th>
              {ROLES.map((role) => (
                <th key={role} scope="col">
                  {t(`permissions.${role}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {PERMISSIONS.map((permission) => (
              <tr key={permission}>
                <th scope="row">{t(`permissions.names.${permission}`)}</th>
                {ROLES.map((role) => (
                  <td key={role}>
                    <Switch
                      label={t('permissions.of', {
                        permission: t(`permissions.names.${permission}`),
                        role: t(`permissions.${role}`),
                      })}
                      hideLabel
                      isSelected={draft.value[role].permissions[permission] ?? false}
                      isDisabled={isDisabled}
                      onChange={(on) =>
                        draft.set({
                          ...draft.value,
                          [role]: { permissions: { ...draft.value[role].permissions, [permission]: on } },
                        })
                      }
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {mayManage && (
          <SaveBar error={change.error} isPending={change.isPending} draft={draft} isDisabled={isDisabled} />
        )}
      </Form>
    </Card>
  );
}
