/** Words for what the audit log has in codes. What has none is shown as it is. */
import type { TFunction } from 'i18next';
import { audit } from '../../locales/console';

/** `room.setStatus` → “Room opened or closed”. */
export function actionText(action: string, t: TFunction): string {
  const key = action.replaceAll('.', '_');
  return isKey(audit.actions, key) ? t(`audit.actions.${key}`) : action;
}

/** `user:ann_s` → `ann_s`, `key:…` → “API key …”. */
export function actorText(who: string, t: TFunction): string {
  const at = who.indexOf(':');
  const kind = at < 0 ? who : who.slice(0, at);
  return isKey(audit.actors, kind) ? t(`audit.actors.${kind}`, { id: who.slice(at + 1) }) : who;
}

function isKey<T extends object>(known: T, key: string): key is Extract<keyof T, string> {
  return Object.hasOwn(known, key);
}
