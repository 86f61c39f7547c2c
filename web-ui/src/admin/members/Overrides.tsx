/** Every permission with a switch: what the role gives, and where one member deviates from it. */
import { RotateCcw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Permissions } from '../../api/model';
import { PERMISSIONS } from '../../lib/can';
import { isGiven, withSwitch } from '../../lib/overrides';
import { IconButton } from '../../ui/Button';
import { Switch } from '../../ui/Switch';
import styles from '../rooms/Room.module.css';

export interface OverridesProps {
  role: Permissions;
  custom: Permissions;
  onCustom: (custom: Permissions) => void;
}

export function Overrides({ role, custom, onCustom }: OverridesProps) {
  const { t } = useTranslation();
  return (
    <ul className={styles.overrides}>
      {PERMISSIONS.map((one) => {
        const given = isGiven(one, role, custom);
        const differs = custom[one] !== undefined;
        const permission = t(`permissions.names.${one}`);
        const how = given ? 'members.given' : 'members.taken';
        return (
          <li key={one}>
            <Switch
              label={permission}
              description={t(differs ? how : 'members.asRole')}
              isSelected={given}
              onChange={(on) => onCustom(withSwitch(one, on, role, custom))}
            />
            {differs && (
              <IconButton
                label={t('members.backToRoleOf', { permission })}
                icon={<RotateCcw size={18} aria-hidden />}
                size="small"
                onPress={() => onCustom(withSwitch(one, role[one] ?? false, role, custom))}
              />
            )}
          </li>
        );
      })}
    </ul>
  );
}
